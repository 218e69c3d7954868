package main

import (
	"context"
	"fmt"
	"io"

	"nxphone/audio/device"
)

// runDevices is "nxphone devices": microphones, then speakers, one a line,
// the defaults marked with a star.
func runDevices(ctx context.Context, p *program) int {
	host, err := device.Open(ctx, device.Options{Log: p.log})
	if err != nil {
		return p.fail(err)
	}
	defer host.Close()
	mics, speakers, err := host.List(ctx)
	if err != nil {
		return p.fail(err)
	}
	printDevices(p.stdout, p.text("cli.devices.microphones"), p.text("cli.devices.none"), mics)
	printDevices(p.stdout, p.text("cli.devices.speakers"), p.text("cli.devices.none"), speakers)
	return exitOK
}

func printDevices(w io.Writer, title, none string, list []device.Info) {
	fmt.Fprintln(w, title)
	if len(list) == 0 {
		fmt.Fprintf(w, "    %s\n", none)
	}
	for _, d := range list {
		mark := " "
		if d.Default {
			mark = "*"
		}
		fmt.Fprintf(w, "  %s %s\n", mark, d.Name)
		if d.ID != d.Name {
			fmt.Fprintf(w, "      %s\n", d.ID)
		}
	}
}
