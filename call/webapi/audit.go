package webapi

import (
	"log/slog"
	"strings"
	"time"
)

// Entry is one line of the audit: who wanted what, and what became of it. It
// holds no number in clear, no key, no proof and no code.
type Entry struct {
	Time time.Time
	// Origin is the page's, or "local:" and the name of a native program.
	Origin string
	// Plain: the page came over plain http.
	Plain bool
	// Command is "dial", "clear", "mute", "dtmf", "take", "shift", "help" or
	// "show", or one of the decisions about an origin: "ask", "pair", "prove",
	// "revoke".
	Command string
	// Outcome is "ok" or the code of the refusal.
	Outcome string
	// Call is the number of the call that a dial made, else 0.
	Call int
	// Tel is the number of a dial or show, masked.
	Tel string
	// Set is the state that a shift, and "on", "off" or "seen" that a help
	// wanted.
	Set string
}

// LogValue writes the entry for slog.
func (e Entry) LogValue() slog.Value {
	attrs := []slog.Attr{
		slog.String("origin", e.Origin), slog.String("command", e.Command), slog.String("outcome", e.Outcome),
	}
	if e.Plain {
		attrs = append(attrs, slog.Bool("plain", true))
	}
	if e.Call != 0 {
		attrs = append(attrs, slog.Int("call", e.Call))
	}
	if e.Tel != "" {
		attrs = append(attrs, slog.String("tel", e.Tel))
	}
	if e.Set != "" {
		attrs = append(attrs, slog.String("set", e.Set))
	}
	return slog.GroupValue(attrs...)
}

// maskTel keeps of a number what helps to tell two lines apart and no more:
// whether it begins with 0, and the last two digits of one that has enough of
// them. The length is not told.
func maskTel(tel string) string {
	if tel == "" {
		return ""
	}
	masked := "***"
	if strings.HasPrefix(tel, "0") {
		masked = "0***"
	}
	if end := tel[max(0, len(tel)-2):]; len(tel) >= 7 && strings.Trim(end, "0123456789") == "" {
		masked += end
	}
	return masked
}
