package graph

import (
	"testing"

	"github.com/clew-sec/clew/source/sourcetest"
)

func TestGolden(t *testing.T) { sourcetest.Golden(t, Source{}) }

func FuzzAlerts(f *testing.F) { sourcetest.Fuzz(f, Source{}) }
