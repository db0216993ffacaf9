package app

import (
	"fmt"
	"html"
	"io"
	"math"
	"strings"

	"github.com/clew-sec/clew/correlate"
)

// Measures of the plot in user units: a panel is a square of side plotSide.
const (
	plotSide   = 240.0
	plotLeft   = 56.0
	plotTop    = 56.0
	plotGap    = 70.0
	plotWidth  = plotLeft + 2*plotSide + plotGap + 24
	plotHeight = plotTop + plotSide + 84
	plotTicks  = 5
)

// plotStyle has colours for a light and a dark page.
const plotStyle = `<style>
text { font: 12px system-ui, sans-serif; fill: #333b45 }
.head { font-size: 14px; font-weight: 600 }
.grid { stroke: #d5dae1; fill: none }
.ideal { stroke: #6b7684; stroke-dasharray: 4 4 }
.line { stroke: #1f6feb; stroke-width: 1.5; fill: none }
.bin { fill: #1f6feb; fill-opacity: .75 }
@media (prefers-color-scheme: dark) {
text { fill: #c8d0da }
.grid { stroke: #3a424d }
.ideal { stroke: #8792a0 }
.line { stroke: #6cb0ff }
.bin { fill: #6cb0ff }
}
</style>
`

// plotCalibration draws how well what a model says agrees with what is right, as
// SVG: one panel for links and one for merges, a dot for each bin, its area by the
// number of samples. On the dashed line a probability is what it says it is.
func plotCalibration(w io.Writer, m *correlate.Model) error {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %g %g" role="img">`+"\n", plotWidth, plotHeight)
	fmt.Fprintf(&b, "<title>Calibration of model %s</title>\n", html.EscapeString(strings.ToValidUTF8(m.Version, "")))
	b.WriteString(plotStyle)
	plotPanel(&b, plotLeft, "An alert and an incident", m.Link.Calibration)
	plotPanel(&b, plotLeft+plotSide+plotGap, "Two incidents", m.Pair.Calibration)
	b.WriteString("</svg>\n")
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("writing the plot: %w", err)
	}
	return nil
}

// plot draws a model's calibration into a file.
func (o IO) plot(name string, m *correlate.Model) error {
	f, err := o.create(name)
	if err != nil {
		return err
	}
	if err := plotCalibration(f, m); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

func plotPanel(b *strings.Builder, left float64, title string, c *correlate.Calibration) {
	x := func(p float64) float64 { return math.Round(10*(left+p*plotSide)) / 10 }
	y := func(p float64) float64 { return math.Round(10*(plotTop+(1-p)*plotSide)) / 10 }
	fmt.Fprintf(b, `<text class="head" x="%g" y="%g">%s</text>`+"\n", left, plotTop-20, title)
	for k := range plotTicks + 1 {
		p := float64(k) / plotTicks
		fmt.Fprintf(b, `<path class="grid" d="M%g %gV%gM%g %gH%g"/>`+"\n", x(p), y(0), y(1), x(0), y(p), x(1))
		fmt.Fprintf(b, `<text x="%g" y="%g" text-anchor="middle">%g</text><text x="%g" y="%g" text-anchor="end">%g</text>`+"\n", x(p), y(0)+18, p, x(0)-8, y(p)+4, p)
	}
	fmt.Fprintf(b, `<path class="ideal" d="M%g %gL%g %g"/>`+"\n", x(0), y(0), x(1), y(1))
	fmt.Fprintf(b, `<text x="%g" y="%g" text-anchor="middle">said</text>`+"\n", x(0.5), y(0)+38)
	fmt.Fprintf(b, `<text transform="translate(%g %g) rotate(-90)" text-anchor="middle">right</text>`+"\n", left-38, y(0.5))
	if c == nil || len(c.Bins) == 0 {
		fmt.Fprintf(b, `<text x="%g" y="%g" text-anchor="middle">not calibrated</text>`+"\n", x(0.5), y(0.5)-8)
		return
	}
	plotBins(b, c.Bins, x, y)
	samples := 0
	for _, bin := range c.Bins {
		samples += bin.Samples
	}
	fmt.Fprintf(b, `<text x="%g" y="%g" text-anchor="middle">%d samples that the trees had not seen</text>`+"\n", x(0.5), y(0)+58, samples)
}

// plotBins joins the bins by a line and gives each its dot.
func plotBins(b *strings.Builder, bins []correlate.Bin, x, y func(float64) float64) {
	most := 1
	for _, bin := range bins {
		most = max(most, bin.Samples)
	}
	const least, greatest = 3.0, 10.0 // radius of a dot
	to := "M"
	b.WriteString(`<path class="line" d="`)
	for _, bin := range bins {
		fmt.Fprintf(b, "%s%g %g", to, x(bin.Said), y(bin.Right))
		to = "L"
	}
	b.WriteString("\"/>\n")
	for _, bin := range bins {
		r := max(least, greatest*math.Sqrt(float64(bin.Samples)/float64(most)))
		fmt.Fprintf(b, `<circle class="bin" cx="%g" cy="%g" r="%.1f"><title>said %.3f, right %.3f, %d samples</title></circle>`+"\n",
			x(bin.Said), y(bin.Right), r, bin.Said, bin.Right, bin.Samples)
	}
}
