package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"nxphone/audio"
	"nxphone/call"
	"nxphone/call/profile"
)

// noticeLimit is what is read of a notice: the call plays a minute of it, and a
// wrong file must not fill the memory.
const noticeLimit = 61 * audio.Rate

// notice reads what a lawful ending plays. It is asked for at every Dial, so
// that a new file counts from the next call on.
func (ph *phone) notice(call.Request) ([]int16, error) {
	v := ph.store.Value(profile.KeyNoticeFile)
	if v.Text == "" {
		return nil, nil
	}
	pcm, err := readNotice(v.Text)
	if err != nil {
		return nil, fmt.Errorf("%s (%s) cannot be played: %w", profile.KeyNoticeFile, v.Origin, err)
	}
	return pcm, nil
}

// readNotice reads a WAV file of any common format as 48 kHz mono.
func readNotice(path string) ([]int16, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() { // a pipe would never end
		return nil, &fs.PathError{Op: "read", Path: path, Err: fs.ErrInvalid}
	}
	pcm, err := audio.ReadWAV(path, noticeLimit)
	if err == nil && len(pcm) == 0 {
		err = errors.New(path + " holds no sound")
	}
	return pcm, err
}
