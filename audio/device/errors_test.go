package device

import (
	"errors"
	"fmt"
	"testing"

	"github.com/gen2brain/malgo"
)

func TestFailed(t *testing.T) {
	mic := &OpenError{Direction: Microphone, Err: ErrNoDevice}
	spk := &OpenError{Direction: Speaker, Err: ErrNotFound{Name: "Jabra"}}
	tests := []struct {
		name     string
		err      error
		mic, spk error
	}{
		{"nothing", nil, nil, nil},
		{"one", mic, ErrNoDevice, nil},
		{"both", errors.Join(mic, spk), ErrNoDevice, ErrNotFound{Name: "Jabra"}},
		{"wrapped", fmt.Errorf("call: %w", errors.Join(spk, errors.New("more"))), nil, ErrNotFound{Name: "Jabra"}},
		{"neither", ErrClosed, nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Failed(tt.err, Microphone); got != tt.mic {
				t.Errorf("microphone: %v, want %v", got, tt.mic)
			}
			if got := Failed(tt.err, Speaker); got != tt.spk {
				t.Errorf("speaker: %v, want %v", got, tt.spk)
			}
		})
	}
}

func TestAsError(t *testing.T) {
	for _, tt := range []struct{ is, want error }{
		{malgo.ErrAccessDenied, ErrDenied},
		{malgo.ErrBusy, ErrBusy},
		{malgo.ErrAlreadyInUse, ErrBusy},
		{malgo.ErrNoBackend, ErrNoDevice},
		{malgo.ErrNoDevice, ErrNoDevice},
		{malgo.ErrGeneric, ErrFailed},
		{malgo.ErrFormatNotSupported, ErrFailed},
	} {
		got := asError(tt.is)
		if !errors.Is(got, tt.want) || !errors.Is(got, tt.is) {
			t.Errorf("%v is %v, want %v", tt.is, got, tt.want)
		}
	}
}
