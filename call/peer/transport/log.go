package transport

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/pion/logging"
)

// logFactory sends the libraries' logs to ours, all at debug level: what
// matters of them reaches the owner as a state or an error.
type logFactory struct{ log *slog.Logger }

func (f logFactory) NewLogger(scope string) logging.LeveledLogger {
	return leveled{f.log, scope}
}

type leveled struct {
	log   *slog.Logger
	scope string
}

func (l leveled) put(level, msg string) {
	l.log.Debug(msg, "scope", l.scope, "level", level)
}

// putf formats only what will be written. pion/ice tells the peer's ICE
// password when it starts; a log that is handed to somebody must not have it.
func (l leveled) putf(level, format string, args ...any) {
	if strings.Contains(format, "Pwd") {
		return
	}
	if l.log.Enabled(context.Background(), slog.LevelDebug) {
		l.put(level, fmt.Sprintf(format, args...))
	}
}

// Trace is per packet and per check: never of use in a phone's log.
func (l leveled) Trace(string)              {}
func (l leveled) Tracef(string, ...any)     {}
func (l leveled) Debug(msg string)          { l.put("debug", msg) }
func (l leveled) Debugf(f string, a ...any) { l.putf("debug", f, a...) }
func (l leveled) Info(msg string)           { l.put("info", msg) }
func (l leveled) Infof(f string, a ...any)  { l.putf("info", f, a...) }
func (l leveled) Warn(msg string)           { l.put("warn", msg) }
func (l leveled) Warnf(f string, a ...any)  { l.putf("warn", f, a...) }
func (l leveled) Error(msg string)          { l.put("error", msg) }
func (l leveled) Errorf(f string, a ...any) { l.putf("error", f, a...) }
