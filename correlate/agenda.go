package correlate

// agenda is a queue of alerts or incidents by the clock at which they came. It lies
// in blocks, so that it need not be copied to grow, and gives back its memory as it
// is worked off.
type agenda[K comparable] struct {
	blocks [][]due[K]
	head   int // of the first block
}

type due[K comparable] struct {
	ID K
	At int64
}

// onBlock is how many things a block of an agenda is for.
const onBlock = 256

func (a *agenda[K]) push(id K, at int64) {
	last := len(a.blocks) - 1
	if last < 0 || len(a.blocks[last]) == onBlock {
		a.blocks = append(a.blocks, make([]due[K], 0, onBlock))
		last++
	}
	a.blocks[last] = append(a.blocks[last], due[K]{id, at})
}

// take gives the first that came before a time, and takes it off the queue.
func (a *agenda[K]) take(before int64) (d due[K], ok bool) {
	if len(a.blocks) == 0 || a.head == len(a.blocks[0]) || a.blocks[0][a.head].At >= before {
		return d, false
	}
	d = a.blocks[0][a.head]
	a.blocks[0][a.head] = due[K]{}
	if a.head++; a.head == onBlock {
		a.blocks[0] = nil
		a.blocks, a.head = a.blocks[1:], 0
	}
	return d, true
}

// list gives the queue from its first.
func (a *agenda[K]) list() []due[K] {
	out := make([]due[K], 0, a.len())
	skip := a.head
	for _, b := range a.blocks {
		out = append(out, b[skip:]...)
		skip = 0
	}
	return out
}

func (a *agenda[K]) len() int {
	n := -a.head
	for _, b := range a.blocks {
		n += len(b)
	}
	return n
}

func (a *agenda[K]) load(list []due[K]) {
	*a = agenda[K]{}
	for _, d := range list {
		a.push(d.ID, d.At)
	}
}
