package jssip

import (
	"io"
	"net/http"
	"testing"
)

func TestSite(t *testing.T) {
	s, err := serve([]byte("a page"), []byte("a script"))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"": "a page", "jssip.js": "a script", "other": "404 page not found\n"} {
		res, err := http.Get(s.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil || string(text) != want {
			t.Errorf("/%s: %q, %v; want %q", path, text, err, want)
		}
	}
	s.Close()
	if res, err := http.Get(s.URL); err == nil {
		res.Body.Close()
		t.Error("it still answers")
	}
}
