// Package figures shows what the benches have measured: sums of samples, tables
// in Markdown, checks against a bar, small pictures (PNG), and files. It is test code.
//
// # Usage
//
//	d := figures.Of(samples)                     // n, minimum, median, p95, maximum
//	figures.Table(&text, head, rows)
//	c := figures.AtMost("median", 93, 100, "ms") // or AtLeast
//	fmt.Println(c.Verdict())                     // "met"
//	err := figures.Picture{Title: "delay", X: "s", Y: "ms", Lines: lines}.Save(file)
//	err = figures.Save(dir, "bench", report, text.String()) // bench.json and bench.md
//
// # Concurrency
//
// Everything is a plain value; functions keep nothing.
//
// # Models
//
// gonum/plot, for what a plot needs at least: axes with round numbers, a legend,
// gaps where a value is missing. It brings a dozen modules of fonts and formats,
// so this is a page of code on image/draw with the bitmap font of
// golang.org/x/image, which the module has anyway. benchstat (golang.org/x/perf)
// for tables that are straight as plain text, too. Different here: each figure
// stands beside its bar, with how far it is missed and why.
package figures
