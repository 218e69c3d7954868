package look

import (
	"runtime"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

// TestThemesLeaveNothing: the faces of a theme that is gone are gone as well. A
// toolkit that keeps them (2.8.1) takes 11 MB more for every change of a theme,
// and 57 MB more in the real window.
func TestThemesLeaveNothing(t *testing.T) {
	a := test.NewTempApp(t)
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	change := func() {
		a.Settings().SetTheme(NewTheme(Light))
		measure("상담", 14, fyne.TextStyle{})
		measure("상담", 14, fyne.TextStyle{Bold: true})
	}
	change()
	before := heap()
	const changes, bound = 5, 15 << 20
	for range changes {
		change()
	}
	if after := heap(); after > before+bound {
		t.Errorf("%d changes of the theme left %d MB behind", changes, (after-before)>>20)
	}
}
