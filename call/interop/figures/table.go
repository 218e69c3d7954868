package figures

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Table writes a Markdown table whose columns are also straight as text.
func Table(b *strings.Builder, head []string, rows [][]string) {
	width := make([]int, len(head))
	for _, row := range append([][]string{head}, rows...) {
		for i, cell := range row {
			width[i] = max(width[i], utf8.RuneCountInString(cell), 3)
		}
	}
	line := func(row []string) {
		for i, cell := range row {
			fmt.Fprintf(b, "| %-*s ", width[i], cell)
		}
		b.WriteString("|\n")
	}
	line(head)
	for _, w := range width {
		b.WriteString("|-" + strings.Repeat("-", w) + "-")
	}
	b.WriteString("|\n")
	for _, row := range rows {
		line(row)
	}
}
