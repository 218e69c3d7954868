package interop

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// withPolicy gives the command line that runs a program under a managed policy,
// without laying one down on this machine: in a mount namespace of its own, with
// a copy of /etc in the place of /etc.
func withPolicy(t *testing.T, policy map[string]any) (path string, args []string) {
	t.Helper()
	etc := filepath.Join(t.TempDir(), "etc")
	managed := filepath.Join(etc, "nxphone", "policies", "managed")
	// What this user may not read, the program may not either.
	_ = exec.Command("cp", "-a", "/etc/.", etc).Run()
	if err := os.MkdirAll(managed, 0o755); err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(policy)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(managed, "kiosk.json"), data, 0o644); err != nil {
		t.Fatal(err)
	}
	inside := []string{"sh", "-c", `mount --bind "$0" /etc && exec "$@"`, etc}
	unshare := []string{"unshare", "--mount"}
	if exec.Command(unshare[0], "--mount", "sh", "-c", "mount --bind /etc /etc").Run() != nil {
		// A user namespace gives anybody the right, also a root that has few.
		unshare = append(unshare, "--user", "--map-root-user")
	}
	all := append(unshare, inside...)
	if path, err = exec.LookPath(all[0]); err != nil {
		t.Fatal(err)
	}
	return path, all[1:]
}
