package telemetry

import (
	"errors"
	"testing"
)

func TestQuota(t *testing.T) {
	q := Quota{Each: 2}
	first, err := q.Take("amy")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := q.Take("amy"); err != nil {
		t.Fatal(err)
	}
	var limit *LimitError
	if _, err := q.Take("amy"); !errors.As(err, &limit) || limit.Limit != LimitQueries || limit.Value != 2 {
		t.Errorf("a third query: %v", err)
	}
	if _, err := q.Take("bo"); err != nil {
		t.Errorf("another user: %v", err)
	}
	first()
	first() // twice is once
	if _, err := q.Take("amy"); err != nil {
		t.Errorf("after one has ended: %v", err)
	}
	if _, err := q.Take("amy"); err == nil {
		t.Error("giving back twice made room for two")
	}
}
