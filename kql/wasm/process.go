//go:build !js

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
)

// main answers requests from standard input, one line of JSON each, on
// standard output.
func main() {
	if err := serve(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// maxLine is the longest request.
const maxLine = 16 << 20

func serve(in io.Reader, out io.Writer) error {
	s := &service{}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		var r request
		answer := []byte(nil)
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			answer = failure(err)
		} else {
			answer = s.answer(r)
		}
		if _, err := out.Write(append(answer, '\n')); err != nil {
			return fmt.Errorf("writing an answer: %w", err)
		}
	}
	return lines.Err()
}
