package listen

import (
	"bytes"
	"errors"
	"fmt"
)

// maxMessage is how many bytes a message of syslog may have.
const maxMessage = 256 << 10

// errTooLong: the sender's message is longer than any may be, or its length is
// none.
var errTooLong = errors.New("a message without end")

// next cuts the first message off a stream (RFC 6587): "LENGTH SP MESSAGE", or a
// line that ends with a line feed or a null byte. It returns false when the
// message is not complete yet.
func next(buf []byte) (message, rest []byte, ok bool, err error) {
	for len(buf) > 0 && (buf[0] == '\n' || buf[0] == '\r' || buf[0] == 0) {
		buf = buf[1:]
	}
	if len(buf) == 0 {
		return nil, buf, false, nil
	}
	if buf[0] >= '1' && buf[0] <= '9' {
		return counted(buf)
	}
	if i := bytes.IndexAny(buf, "\n\x00"); i >= 0 {
		return bytes.TrimRight(buf[:i], "\r"), buf[i+1:], true, nil
	}
	if len(buf) > maxMessage {
		return nil, buf, false, errTooLong
	}
	return nil, buf, false, nil
}

func counted(buf []byte) (message, rest []byte, ok bool, err error) {
	n, i := 0, 0
	for ; i < len(buf) && buf[i] != ' '; i++ {
		if buf[i] < '0' || buf[i] > '9' {
			return nil, buf, false, fmt.Errorf("%w: a length with %q", errTooLong, buf[i])
		}
		if n = n*10 + int(buf[i]-'0'); n > maxMessage {
			return nil, buf, false, errTooLong
		}
	}
	if i == len(buf) || len(buf)-i-1 < n {
		return nil, buf, false, nil
	}
	return buf[i+1 : i+1+n], buf[i+1+n:], true, nil
}
