package shift

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"nxphone/call"
)

// maxRecord bounds the record; as much again is kept of what came before.
const maxRecord = 1 << 20

// shownDigits is the most that the record ever shows of a number: enough to
// find the call in the organisation's own logs.
const shownDigits = 4

// Ending is one line of the record of lawful endings.
type Ending struct {
	// Time is when the call ended.
	Time string `json:"time"`
	// Number is masked.
	Number string `json:"number"`
	// Seconds is how long the call was up after the answer.
	Seconds int `json:"seconds"`
	// Extension is the one that the call was made with.
	Extension string `json:"extension"`
	// Notice is "whole", or "cut" where the call ended before its end.
	Notice string `json:"notice"`
}

func newEnding(c call.Call, digits int) *Ending {
	e := &Ending{
		Time: stamp(c.Ended), Number: mask(c.Tel, digits), Extension: c.DN, Notice: "cut",
		Seconds: int(c.Ended.Sub(c.Answered) / time.Second),
	}
	if c.Reason.Code == call.CodeFarewell {
		e.Notice = "whole"
	}
	return e
}

// mask keeps the last digits of a number that is long enough for them to say
// little, and never its length.
func mask(tel string, digits int) string {
	if digits < 0 || digits > shownDigits {
		digits = shownDigits
	}
	if len(tel) < digits+4 {
		return "***"
	}
	return "***" + tel[len(tel)-digits:]
}

// record is the file of lawful endings: one JSON object a line, for the user
// only.
type record struct {
	path  string
	limit int64
}

// add appends a line, and returns when the disk has it.
func (r record) add(e Ending) error {
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	line = append(line, '\n')
	if err := os.MkdirAll(filepath.Dir(r.path), 0o700); err != nil {
		return err
	}
	// A pipe in its place would hold us up for ever.
	info, err := os.Stat(r.path)
	switch {
	case err == nil && !info.Mode().IsRegular():
		return fmt.Errorf("%s is no plain file", r.path)
	case err == nil && info.Size() > 0 && info.Size()+int64(len(line)) > r.limit:
		if err := os.Rename(r.path, r.path+".1"); err != nil {
			return err
		}
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	f, err := os.OpenFile(r.path, os.O_APPEND|os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	// A line that a crash has cut must not swallow this one.
	if end, err := f.Seek(0, 2); err == nil && end > 0 {
		last := make([]byte, 1)
		if _, err := f.ReadAt(last, end-1); err == nil && !strings.HasSuffix(string(last), "\n") {
			line = append([]byte{'\n'}, line...)
		}
	}
	_, err = f.Write(line)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}
