package usage

import (
	"fmt"
	"os"
	"runtime"
	"strings"
)

// Machine is the processor and how many cores of it this program may use.
func Machine() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	name := runtime.GOARCH
	if err == nil {
		for line := range strings.Lines(string(text)) {
			if k, v, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(k) == "model name" {
				name = strings.TrimSpace(v)
				break
			}
		}
	}
	return fmt.Sprintf("%d cores of %s", runtime.NumCPU(), name)
}
