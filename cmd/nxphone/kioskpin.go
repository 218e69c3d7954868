package main

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"nxphone/call/kiosk"
)

// The lengths of a PIN: longer than anybody guesses by looking on, and no
// longer than a person types on a pad.
const pinLeast, pinMost = 4, 12

// hashPIN is "nxphone kiosk-pin": it reads a PIN from in, where no list of
// processes and no history of a shell shows it, and prints what belongs into the
// policy as kiosk-pin.
func (p *program) hashPIN(in io.Reader) int {
	line, _ := bufio.NewReader(io.LimitReader(in, 100)).ReadString('\n')
	pin := strings.TrimSpace(line)
	if len(pin) < pinLeast || len(pin) > pinMost || strings.Trim(pin, "0123456789") != "" {
		p.tell(p.text("cli.kiosk.pin"), "")
		return exitUsage
	}
	fmt.Fprintln(p.stdout, kiosk.HashPIN(pin))
	return exitOK
}
