package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// part is work of somebody else inside a module, which the module's own licence
// file does not tell.
type part struct {
	// name and files as they are listed, files below the module's path.
	name, files string
	// inPackage is linked, or the part is not there.
	inPackage string
	// evidence holds the licence, in the module's directory. from and to, where
	// given, bound it: the first line that matches from, up to and without the
	// first that matches to.
	evidence, from, to string
	comment            string
}

// foreign is the table of such parts.
func foreign() []part {
	const (
		malgo = "github.com/gen2brain/malgo"
		glfw  = "github.com/go-gl/glfw/v3.3/glfw"
		theme = "fyne.io/fyne/v2/theme"
	)
	return []part{
		{name: "miniaudio", files: "miniaudio.h", inPackage: malgo, evidence: "miniaudio.h", from: `^ALTERNATIVE 2 - MIT No Attribution`, to: `^\*/`,
			comment: "Sound devices: C code that is compiled in. Of its two licences (public domain, MIT-0) this is the second."},
		{name: "GLFW", files: "glfw/*", inPackage: glfw, evidence: "glfw/LICENSE.md", comment: "Window and OpenGL context: C code that is compiled in."},
		{name: "Khronos headers", files: "glfw/deps/glad/khrplatform.h", inPackage: glfw, evidence: "glfw/deps/glad/khrplatform.h", from: `Copyright`, to: `^\*/`},
		{name: "Noto Sans", files: "theme/font/NotoSans-*", inPackage: theme, evidence: "theme/font/LICENSE.txt", comment: "A font of the window toolkit."},
		{name: "Inter Symbols", files: "theme/font/InterSymbols-*", inPackage: theme, evidence: "theme/font/LICENSE_Inter.txt", comment: "A font of the window toolkit."},
		{name: "DejaVu Sans Mono for Powerline", files: "theme/font/DejaVuSansMono-*", inPackage: theme, evidence: "theme/font/LICENSE_DejaVu-Powerline.txt",
			comment: "A font of the window toolkit."},
		{name: "EmojiOne Color", files: "theme/font/EmojiOneColor.otf", inPackage: theme, evidence: "theme/font/LICENSE_EmojiOneColor.txt",
			comment: "A font of the window toolkit."},
		{name: "Phone Sans KR", files: "assets/fonts/*", inPackage: "nxphone/assets", evidence: "assets/fonts/OFL.txt", comment: "The font of the window."},
	}
}

// harmless are packages whose C code or embedded files are covered by the
// licence of their module, or have no author of their own.
func harmless() map[string]string {
	return map[string]string{
		"github.com/go-gl/gl/v2.1/gl":          "generated bindings; the library is the system's",
		"fyne.io/fyne/v2/internal/driver/glfw": "Fyne's own",
		"fyne.io/fyne/v2/internal/painter/gl":  "Fyne's own shaders",
		"fyne.io/fyne/v2/lang":                 "Fyne's own translations",
		"github.com/gen2brain/malgo":           "see miniaudio",
		"github.com/go-gl/glfw/v3.3/glfw":      "see GLFW",
		"fyne.io/fyne/v2/theme":                "see the fonts; the icons are Fyne's",
	}
}

// unknownParts complains about C code and embedded files that nobody has looked
// at yet.
func unknownParts(p goPackage) error {
	if p.Module.Main || len(p.CgoFiles)+len(p.CFiles)+len(p.EmbedFiles) == 0 {
		return nil
	}
	if _, ok := harmless()[p.ImportPath]; ok {
		return nil
	}
	return fmt.Errorf("%s brings C code or embedded files (%s): look whose they are, and say so in packaging/tools/copyright/foreign.go",
		p.ImportPath, strings.Join(slices.Concat(p.CgoFiles, p.CFiles, p.EmbedFiles), " "))
}

// foreignParts are the parts of the table whose packages are linked.
func foreignParts(packages []goPackage) ([]component, error) {
	var all []component
	var faults []error
	for _, f := range foreign() {
		i := slices.IndexFunc(packages, func(p goPackage) bool { return p.ImportPath == f.inPackage })
		if i < 0 {
			continue
		}
		m := packages[i].Module
		text, err := excerpt(filepath.Join(m.Dir, f.evidence), f.from, f.to)
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", f.name, err))
			continue
		}
		files := f.files
		if !m.Main {
			files = m.Path + "/" + f.files
		}
		c, err := understand(f.name, files, text)
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %s: %w", f.name, f.evidence, err))
		}
		c.comment, c.version = f.comment, m.Version
		all = append(all, c)
	}
	return all, errors.Join(faults...)
}

// excerpt is a file, or the lines of it between two marks, without what makes
// them a comment.
func excerpt(file, from, to string) (string, error) {
	raw, err := os.ReadFile(file)
	if err != nil || from == "" {
		return string(raw), err
	}
	begin, end := regexp.MustCompile(from), regexp.MustCompile(to)
	var lines []string
	for line := range strings.Lines(string(raw)) {
		switch {
		case len(lines) == 0 && !begin.MatchString(line):
			continue
		case len(lines) > 0 && end.MatchString(line):
			return strings.Join(lines, "\n"), nil
		}
		lines = append(lines, strings.TrimSpace(strings.TrimLeft(strings.TrimSpace(line), "*")))
	}
	return "", fmt.Errorf("%s: no licence between %q and %q", file, from, to)
}
