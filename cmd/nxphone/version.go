package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"slices"
)

// version is set by the build: -ldflags "-X main.version=1.2.3".
var version = "0.1.0-dev"

// libraries are the ones whose version a bug report needs.
func libraries() []string {
	return []string{
		"fyne.io/fyne/v2", "github.com/pion/webrtc/v4", "github.com/emiago/sipgo",
		"github.com/gen2brain/malgo", "github.com/coder/websocket",
	}
}

// printVersion writes version, commit and libraries, one a line.
func printVersion(w io.Writer, extra ...string) {
	fmt.Fprintf(w, "nxphone %s\n", version)
	info, ok := debug.ReadBuildInfo()
	if ok {
		fmt.Fprintf(w, "commit %s\n", commit(info))
	}
	fmt.Fprintf(w, "go %s %s/%s\n", runtime.Version(), runtime.GOOS, runtime.GOARCH)
	if !ok {
		return
	}
	for _, dep := range info.Deps {
		if slices.Contains(libraries(), dep.Path) {
			fmt.Fprintf(w, "%s %s\n", dep.Path, dep.Version)
		}
	}
	for _, line := range extra {
		fmt.Fprintln(w, line)
	}
}

// commitFlag is set by builds outside a checkout: -ldflags "-X main.commitFlag=...".
var commitFlag string

func commit(info *debug.BuildInfo) string {
	if commitFlag != "" {
		return commitFlag
	}
	rev, dirty := "unknown", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			rev = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = " (with changes)"
		}
	}
	return rev + dirty
}
