package main

import (
	"bytes"
	"context"
	"embed"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"nxphone/call/interop"
)

//go:embed foreign/*.mjs
var foreignScripts embed.FS

// foreign are other people's processors, run by Node.js over the same files as
// ours. They are fetched by npm when they are wanted first and stay in the user's
// cache folder; nothing of them is in this repository or in the phone.
type foreign struct {
	dir string // with node_modules and the scripts
}

// foreignPackages are the processors: AEC3 is BSD-3-Clause, RNNoise BSD-3-Clause in
// a package under Apache-2.0.
func foreignPackages() []string {
	return []string{"@ennuicastr/webrtcaec3.js@0.3.0", "@jitsi/rnnoise-wasm@0.2.1"}
}

// fetchForeign brings the processors into the cache folder.
func fetchForeign(ctx context.Context) (*foreign, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, err
	}
	f := &foreign{dir: filepath.Join(cache, "nxphone-bench")}
	if err := os.MkdirAll(f.dir, 0o755); err != nil {
		return nil, err
	}
	scripts, err := foreignScripts.ReadDir("foreign")
	if err != nil {
		return nil, err
	}
	for _, s := range scripts {
		text, err := foreignScripts.ReadFile("foreign/" + s.Name())
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(f.dir, s.Name()), text, 0o644); err != nil {
			return nil, err
		}
	}
	var missing []string
	for _, p := range foreignPackages() {
		if !f.has(p) {
			missing = append(missing, p)
		}
	}
	if len(missing) == 0 {
		return f, nil
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	args := []string{"install", "--prefix", f.dir, "--no-audit", "--no-fund", "--ignore-scripts", "--no-save"}
	out, err := exec.CommandContext(ctx, "npm", append(args, foreignPackages()...)...).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("npm install %s: %w\n%s", strings.Join(missing, " "), err, bytes.TrimSpace(out))
	}
	return f, nil
}

// has reports whether a package, name@version, is there.
func (f *foreign) has(p string) bool {
	name, version := p[:strings.LastIndexByte(p, '@')], p[strings.LastIndexByte(p, '@')+1:]
	text, err := os.ReadFile(filepath.Join(f.dir, "node_modules", filepath.FromSlash(name), "package.json"))
	return err == nil && bytes.Contains(text, []byte(`"version": "`+version+`"`))
}

// run hands sounds to a script, one run of it for all takes, and gives back what
// came out of each, and the mean time of a frame.
func (f *foreign) run(ctx context.Context, script, dir string, takes [][][]int16) ([][]int16, time.Duration, error) {
	var args []string
	for i, inputs := range takes {
		for j, pcm := range inputs {
			file := filepath.Join(dir, fmt.Sprintf("%s-%d-%d.raw", script, i, j))
			if err := interop.WriteRaw(file, pcm); err != nil {
				return nil, 0, err
			}
			args = append(args, file)
		}
		args = append(args, filepath.Join(dir, fmt.Sprintf("%s-%d-out.raw", script, i)))
	}
	cmd := exec.CommandContext(ctx, "node", append([]string{filepath.Join(f.dir, script)}, args...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	text, err := cmd.Output()
	if err != nil {
		return nil, 0, fmt.Errorf("node %s: %w\n%s", script, err, bytes.TrimSpace(stderr.Bytes()))
	}
	times := strings.Fields(string(text))
	if len(times) != len(takes) {
		return nil, 0, fmt.Errorf("node %s: %d results of %d", script, len(times), len(takes))
	}
	sum := 0.0
	for _, t := range times {
		us, err := strconv.ParseFloat(t, 64)
		if err != nil {
			return nil, 0, err
		}
		sum += us
	}
	var outs [][]int16
	for i := range takes {
		b, err := os.ReadFile(filepath.Join(dir, fmt.Sprintf("%s-%d-out.raw", script, i)))
		if err != nil {
			return nil, 0, err
		}
		pcm := make([]int16, len(b)/2)
		if _, err := binary.Decode(b, binary.LittleEndian, pcm); err != nil {
			return nil, 0, err
		}
		outs = append(outs, pcm)
	}
	return outs, time.Duration(sum / float64(len(times)) * float64(time.Microsecond)), nil
}
