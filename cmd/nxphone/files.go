package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"nxphone/audio"
	"nxphone/audio/device"
)

// files stand in for microphone (--play) and speaker (--record) of one call.
type files struct {
	file   *os.File
	play   *audio.WAVReader
	record *audio.Recorder
}

// openFiles opens both before anything is dialled: a wrong path is wrong use,
// not a call without sound. Empty names open nothing.
func openFiles(play, record string) (*files, error) {
	f := &files{}
	if play != "" {
		var err error
		if f.file, err = os.Open(play); err != nil {
			return f, fmt.Errorf("%w: --play: %w", errUsage, err)
		}
		if f.play, err = audio.NewWAVReader(f.file); err != nil {
			return f, fmt.Errorf("%w: --play %s: %w", errUsage, play, err)
		}
	}
	if record != "" {
		w, err := audio.CreateWAV(record)
		if err != nil {
			return f, fmt.Errorf("%w: --record: %w", errUsage, err)
		}
		f.record = audio.NewRecorder(w)
	}
	return f, nil
}

// tap takes what the far end sent, nil when nobody records.
func (f *files) tap() func(frame []int16) {
	if f.record == nil {
		return nil
	}
	return f.record.Write
}

// sound is the sound of the call: a file opens no device for its direction.
func (f *files) sound(ctx context.Context, host *device.Host, c device.Choice) (audio.Duplex, error) {
	if f.play == nil && f.record == nil {
		return host.OpenDuplex(ctx, c)
	}
	var in audio.Input
	var out audio.Output
	var closers []io.Closer
	if f.play != nil {
		in = audio.NewFileInput(f.play, nil)
	} else {
		mic, err := host.OpenInput(ctx, append(c.Microphones, c.Microphone)...)
		if err != nil {
			return nil, err
		}
		in, closers = mic, append(closers, mic)
	}
	if f.record != nil {
		// The far end is taken by the tap, so that no local tone gets into
		// the file; this half only keeps the time.
		out = audio.NewNullOutput(nil)
	} else {
		speaker, err := host.OpenOutput(ctx, append(c.Speakers, c.Speaker)...)
		if err != nil {
			for _, c := range closers {
				err = errors.Join(err, c.Close())
			}
			return nil, err
		}
		out, closers = speaker, append(closers, speaker)
	}
	return audio.Join(in, out, closers...), nil
}

// Close completes the recording and gives the files back.
func (f *files) Close() error {
	var errs []error
	if f.record != nil {
		errs = append(errs, f.record.Close())
		if lost := f.record.Lost(); lost > 0 {
			errs = append(errs, fmt.Errorf("--record: the disk was too slow for %d samples", lost))
		}
	}
	if f.file != nil {
		errs = append(errs, f.file.Close())
	}
	return errors.Join(errs...)
}
