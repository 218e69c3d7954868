// Package voice is what a booth says: one short recording for each prompt of
// package call/kiosk, in every language of the catalogue, as Ogg Opus (RFC
// 7845), 16 kHz and mono. It embeds files and does nothing else.
//
// The recordings are made by packaging/voice/make from the texts under
// "kiosk.say." of the catalogue, with Debian's espeak-ng; the words are ours,
// the sound of a program's voice is free of claims. An organisation's own
// recordings go before them (see packaging/docs).
//
// # Models
//
// Asterisk's sound packages (one file a sentence, the language in the path) and
// Android's talking kiosks. Better here: the script that speaks reads the same
// catalogue as the screen, and a test holds every prompt to a recording.
package voice

import (
	"embed"
	"fmt"
)

//go:embed *.opus
var files embed.FS

// Prompt gives the recording of a prompt in a language, by the names of
// kiosk.Prompt and text.Lang.
func Prompt(lang, prompt string) ([]byte, error) {
	data, err := files.ReadFile(lang + "-" + prompt + ".opus")
	if err != nil {
		return nil, fmt.Errorf("voice: no recording of %q in %q", prompt, lang)
	}
	return data, nil
}
