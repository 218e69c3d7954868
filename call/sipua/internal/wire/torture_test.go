package wire

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The messages of RFC 4475 come with sipgo's module. Every valid one must be
// taken. Of the others those are refused that would be dangerous to guess at;
// the rest is wrong in fields that a phone does not read, or of a meaning that
// the dialog decides about (an unknown scheme, a Max-Forwards of 0, bad SDP).
func TestTortureMessages(t *testing.T) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/emiago/sipgo").Output()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(strings.TrimSpace(string(out)), "sip", "testdata", "torture")
	refused := map[string]bool{}
	for _, name := range strings.Fields("baddn badvers bigcode clerr insuf ltgtruri lwsruri lwsstart mcl01 mismatch01 " +
		"mismatch02 multi01 ncl novelsc scalar02 scalarlg test trws") {
		refused[name+".dat"] = true
	}
	count := 0
	for _, kind := range []string{"valid", "invalid"} {
		files, err := filepath.Glob(filepath.Join(dir, kind, "*.dat"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			count++
			data, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			name := filepath.Base(f)
			if _, err := Parse(data); (err != nil) != refused[name] {
				t.Errorf("%s %s: %v", kind, name, err)
			}
		}
	}
	if count < 40 {
		t.Fatalf("only %d messages found", count)
	}
}
