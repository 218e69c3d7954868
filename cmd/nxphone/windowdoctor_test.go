package main

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"nxphone/assets/text"
	"nxphone/audio/headset"
	"nxphone/call/doctor"
	"nxphone/ui/present"
)

// TestWindowDoctor: what the window shows is in its language, with a verdict in
// words where something is to be done, and its report is a file of the user's.
func TestWindowDoctor(t *testing.T) {
	quietHome(t)
	ph := openTestPhone(t, "--demo")
	p := &program{log: ph.log, store: ph.store, words: text.For(text.English)}
	w := &windowDoctor{p: p, ph: ph, o: options{demo: true}, listening: func() int { return 17070 }}
	var mu sync.Mutex
	var found []present.Finding
	summary := w.Examine(t.Context(), text.For(text.Korean), func(f present.Finding) {
		mu.Lock()
		defer mu.Unlock()
		found = append(found, f)
	})
	titles := map[string]present.Finding{}
	for _, f := range found {
		title, verdict, _ := strings.Cut(f.Title, " · ")
		titles[title] = f
		if (verdict == "") != (f.Role == present.Good || f.Role == present.Neutral) || (f.Todo == "") != (verdict == "") {
			t.Errorf("%+v", f)
		}
	}
	if f := titles["화면"]; f.What != "창이 열려 있습니다." {
		t.Errorf("%+v", f)
	}
	if f := titles["시험 통화"]; f.Role != present.Good {
		t.Errorf("%+v", f)
	}
	if f := titles["웹 페이지 연동"]; !strings.Contains(f.What, "17070") {
		t.Errorf("%+v", f)
	}
	if summary == "" || len(found) < len(doctor.Areas())-1 {
		t.Errorf("%q, %d findings", summary, len(found))
	}
	path := filepath.Join(t.TempDir(), w.ReportName(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)))
	w.o.quick = true
	if err := w.Report(t.Context(), text.For(text.Korean), path); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 || filepath.Base(path) != "nxphone-report-20260102-030405.zip" {
		t.Errorf("%v, %v", info, err)
	}
}

func TestDrawn(t *testing.T) {
	for renderer, want := range map[string]doctor.Code{
		"llvmpipe (LLVM 15)": doctor.DisplaySoftware, "Mesa Intel(R) UHD": doctor.DisplayOK, "ANGLE (SwiftShader)": doctor.DisplaySoftware, "GDI Generic": doctor.DisplaySoftware,
	} {
		if got := drawn(renderer).Code; got != want {
			t.Errorf("%s: %s", renderer, got)
		}
	}
}

func TestHeadsetFinding(t *testing.T) {
	for trouble, want := range map[headset.Trouble]doctor.Code{
		headset.TroubleNone: doctor.HeadsetOK, headset.TroubleMuted: doctor.HeadsetOK, headset.TroubleAccess: doctor.HeadsetDenied, headset.TroubleRestless: doctor.HeadsetFault,
	} {
		if got := headsetCode(headset.Status{Name: "x", Trouble: trouble}).Code; got != want {
			t.Errorf("%s: %s", trouble, got)
		}
	}
}
