package correlate

// Two alerts can be hours apart and still share an entity that the incident had a
// second ago. So each phrase about time names what it was measured to.

// saySeen says when the incident had a shared entity, as seen from the alert. The
// gap of a sharing is to the nearer end of the time from the first to the last
// alert of the incident that mentions the entity.
func (w *wording) saySeen(s *signal, h *sharing) {
	p := h.share
	switch {
	case h.gap > 0 && p != nil && s.start-p.last == h.gap:
		w.sayApart(", last seen in the incident ", h.gap, " earlier")
	case h.gap > 0 && p != nil && p.first-s.end == h.gap:
		w.sayApart(", first seen in the incident ", h.gap, " later")
	case h.gap > 0:
		w.sayApart(", seen in the incident ", h.gap, " earlier or later")
	case p != nil && p.n > 1 && around(p.first, p.last, s):
		w.say(", seen in the incident both earlier and later")
	case p != nil:
		w.say(", seen in the incident at the same time")
	}
}

// around says that a time begins before the alert and ends after it: where it is that
// of several alerts, none of them need have been active during this one.
func around(first, last int64, s *signal) bool { return first < s.start && last > s.end }

func (w *wording) sayApart(before string, gap int64, after string) {
	w.say(before)
	w.b = appendGap(w.b, gap)
	w.say(after)
}

// sayGap says how far the alert is from the incident, or from what both share,
// whichever of the two features weighs more.
func (w *wording) sayGap(s *signal, c *candidate, lead int) {
	if lead == fGap {
		w.sayActive(s, c.inc)
		return
	}
	h := soonest(s, c)
	if h == nil {
		w.say("nothing telling is shared that could be near in time")
		return
	}
	m := &s.ents[h.at]
	w.say("nearest in time of what is shared: ")
	w.say(classWords[m.class])
	w.say(" ")
	w.say(m.label)
	w.saySeen(s, h)
}

// sayActive says when the incident as a whole was active.
func (w *wording) sayActive(s *signal, inc *incident) {
	switch {
	case s.start > inc.last:
		w.sayApart("the incident's last activity was ", s.start-inc.last, " earlier")
	case inc.first > s.end:
		w.sayApart("the incident's first activity was ", inc.first-s.end, " later")
	case inc.alerts > 1 && around(inc.first, inc.last, s):
		w.say("the incident was active both earlier and later")
	default:
		w.say("the incident was active at the same time")
	}
}

// soonest gives what is shared with the least gap, common programs apart; nil when
// that is nothing.
func soonest(s *signal, c *candidate) *sharing {
	var best *sharing
	for i := range c.shared {
		if h := &c.shared[i]; !s.ents[h.at].stock && (best == nil || h.gap < best.gap) {
			best = h
		}
	}
	return best
}
