package incident

import (
	"errors"
	"fmt"

	"github.com/clew-sec/clew/correlate"
)

// Errors of this package.
var (
	// ErrInvalid: a value is not allowed; the error is an *InvalidError.
	ErrInvalid = errors.New("invalid value")
	// ErrStale: the incident changed since the caller read it.
	ErrStale = errors.New("the incident was changed in the meantime")
	// ErrNoTask: the incident has no such task.
	ErrNoTask = errors.New("no such task")
)

// InvalidError says which field of a request is wrong and why. It wraps ErrInvalid.
type InvalidError struct {
	Field  string // JSON name
	Reason string // what is allowed, in plain words
}

func (e *InvalidError) Error() string { return e.Field + ": " + e.Reason }

// Unwrap gives ErrInvalid.
func (e *InvalidError) Unwrap() error { return ErrInvalid }

func invalid(field, format string, args ...any) error {
	return &InvalidError{Field: field, Reason: fmt.Sprintf(format, args...)}
}

// RefusedError says which rule forbids an operation on incidents as they are
// now. It wraps correlate.ErrRefused.
type RefusedError struct {
	Rule   string // "closed", "redirected", "owner", "classification", "determination", "empty", "undone", "itself", "tasks"
	Reason string
}

func (e *RefusedError) Error() string { return e.Reason }

// Unwrap gives correlate.ErrRefused.
func (e *RefusedError) Unwrap() error { return correlate.ErrRefused }

func refused(rule, format string, args ...any) error {
	return &RefusedError{Rule: rule, Reason: fmt.Sprintf(format, args...)}
}

// Cause is what makes an incident change its state.
type Cause string

// The causes.
const (
	CausePatch   Cause = "patch"   // a person or an automation sets the status
	CauseMerge   Cause = "merge"   // it is merged into another incident
	CauseEmptied Cause = "emptied" // its last alert was moved away
	CauseUndo    Cause = "undo"    // the merge that redirected it is undone
)

// transitions is the state machine of an incident. Staying in a state is no
// transition.
//
//	             patch                    patch
//	  ┌────────◄───────► inProgress ◄───────────────┐
//	active ◄───────────────────────────────► resolved
//	  │      patch           │                  │
//	  │ merge, emptied       │ merge, emptied   │ emptied
//	  ▼                      ▼                  ▼
//	redirected ── undo ──► the state before the merge
//
//	from         to                    causes
//	active       inProgress, resolved  patch
//	inProgress   active, resolved      patch
//	resolved     active, inProgress    patch
//	active       redirected            merge, emptied
//	inProgress   redirected            merge, emptied
//	resolved     redirected            emptied (a closed incident is never merged)
//	redirected   active, inProgress    undo
//
// The engine never changes a state but by a merge or by moving alerts away.
var transitions = map[Status]map[Status][]Cause{
	Active:     {InProgress: {CausePatch}, Resolved: {CausePatch}, Redirected: {CauseMerge, CauseEmptied}},
	InProgress: {Active: {CausePatch}, Resolved: {CausePatch}, Redirected: {CauseMerge, CauseEmptied}},
	Resolved:   {Active: {CausePatch}, InProgress: {CausePatch}, Redirected: {CauseEmptied}},
	Redirected: {Active: {CauseUndo}, InProgress: {CauseUndo}},
}

// Statuses lists the states of an incident in the order of its life.
func Statuses() []Status { return []Status{Active, InProgress, Resolved, Redirected} }

// CanBecome says whether an incident in state from may get to state to for that
// cause: nil, or a *RefusedError. Staying where it is is always allowed.
func CanBecome(from, to Status, cause Cause) error {
	if from == to {
		return nil
	}
	for _, c := range transitions[from][to] {
		if c == cause {
			return nil
		}
	}
	if from == Redirected {
		return refused("redirected", "the incident was merged into another one and can't be changed; undo the merge first")
	}
	if from == Resolved && cause == CauseMerge {
		return refused("closed", "a resolved incident is not merged")
	}
	return refused(string(cause), "an incident that is %s can't become %s by %s", from, to, cause)
}
