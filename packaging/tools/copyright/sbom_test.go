package main

import "testing"

func TestHeaderVersion(t *testing.T) {
	text := "#define MA_VERSION_MAJOR     0\n#define MA_VERSION_MINOR 11\n #define MA_VERSION_REVISION 23\n#define MA_VERSION_STRING\n"
	if v, err := headerVersion(text, "MA_VERSION_"); err != nil || v != "0.11.23" {
		t.Errorf("%q, %v", v, err)
	}
	if v, err := headerVersion(text, "GLFW_VERSION_"); err == nil {
		t.Errorf("%q was found", v)
	}
}

// TestLicenceChoices: what a licence is called here is never lost.
func TestLicenceChoices(t *testing.T) {
	for _, k := range known {
		got := licenceChoices(k.name)
		if len(got) == 0 {
			t.Errorf("%s is nothing", k.name)
		}
		for _, one := range got {
			if one.License.ID == "" == (one.License.Name == "") {
				t.Errorf("%s: %+v", k.name, one.License)
			}
		}
	}
}

// TestLeftOut: a font that is not embedded is in no bill; what is no font is.
func TestLeftOut(t *testing.T) {
	packages := []goPackage{{ImportPath: "fyne.io/fyne/v2/theme", EmbedFiles: []string{"font/NotoSans-Regular.ttf"}}}
	for name, want := range map[string]bool{"Noto Sans": false, "EmojiOne Color": true, "GLFW": false, "Phone Sans KR": false} {
		if got := leftOut(name, packages); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
