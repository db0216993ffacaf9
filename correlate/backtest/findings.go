package backtest

import (
	"time"

	"github.com/clew-sec/clew/correlate"
)

// MaxDays bounds how much of the past a back-test compares.
const MaxDays = 365

// Proposal says what to try.
type Proposal struct {
	// Days is how much of the past is compared, counted from the newest alert.
	Days     int                `json:"days" minimum:"1" maximum:"365"`
	Settings correlate.Settings `json:"settings"`
}

// Findings is what came out.
type Findings struct {
	From time.Time `json:"from"` // arrival of the first and last alert compared
	To   time.Time `json:"to"`
	Difference
	// InForce and Proposed say how well the settings in force and the proposed ones
	// agree with people.
	InForce  Judgement `json:"inForce"`
	Proposed Judgement `json:"proposed"`
}
