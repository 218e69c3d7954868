package headset

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

// kernelPackage depends on the newest cloud kernel: the smallest that has uhid.
const kernelPackage = "linux-image-cloud-amd64"

// moduleNames are what a virtual headset needs, in the order of loading. The
// makers' own drivers are there because they claim their headsets before the
// generic one does.
func moduleNames() []string {
	return []string{"hid", "hid-generic", "hid-jabra", "hid-plantronics", "uhid"}
}

// kernel is a bootable image and its modules, in the order of moduleNames.
type kernel struct {
	name    string
	image   []byte
	modules [][]byte
}

// findKernel takes an installed Debian kernel, or fetches one into dir.
func findKernel(ctx context.Context, dir string) (kernel, error) {
	if k, ok := installed("/"); ok {
		return k, nil
	}
	file, err := fetch(ctx, dir)
	if err != nil {
		return kernel{}, fmt.Errorf("no kernel for the virtual machine: %w", err)
	}
	return unpack(ctx, file)
}

// installed looks for a kernel of Debian's that is all there and may be read.
func installed(root string) (kernel, bool) {
	const image = "boot/vmlinuz-"
	// A pattern of ours is never malformed.
	images, _ := filepath.Glob(filepath.Join(root, image+"*-amd64"))
	for _, path := range images {
		version := strings.TrimPrefix(path, filepath.Join(root, image))
		if k, err := readKernel(root, version, path); err == nil {
			return k, true
		}
	}
	return kernel{}, false
}

func readKernel(root, version, image string) (kernel, error) {
	k := kernel{name: version + ", which is installed"}
	var err error
	if k.image, err = os.ReadFile(image); err != nil {
		return kernel{}, err
	}
	for _, m := range moduleNames() {
		data, err := os.ReadFile(filepath.Join(root, "lib/modules", version, "kernel/drivers/hid", m+".ko"))
		if err != nil {
			return kernel{}, err
		}
		k.modules = append(k.modules, data)
	}
	return k, nil
}

// fetch downloads the kernel's package into dir, as any user may. Package lists
// that are missing or too old are fetched into dir as well.
func fetch(ctx context.Context, dir string) (string, error) {
	file, err := download(ctx, dir, nil)
	if err == nil {
		return file, nil
	}
	for _, d := range []string{"lists/partial", "cache/archives/partial"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			return "", err
		}
	}
	own := []string{"-o", "Dir::State::Lists=" + filepath.Join(dir, "lists"), "-o", "Dir::Cache=" + filepath.Join(dir, "cache")}
	if _, fault := output(ctx, dir, "apt-get", append(own, "-qq", "update")...); fault != nil {
		return "", errors.Join(err, fault)
	}
	return download(ctx, dir, own)
}

func download(ctx context.Context, dir string, options []string) (string, error) {
	depends, err := output(ctx, dir, "apt-cache", append(options, "depends", kernelPackage)...)
	if err != nil {
		return "", err
	}
	m := regexp.MustCompile(`Depends: (linux-image-\S+)`).FindStringSubmatch(depends)
	if m == nil {
		return "", fmt.Errorf("%s depends on no kernel", kernelPackage)
	}
	if _, err := output(ctx, dir, "apt-get", append(options, "-qq", "download", m[1])...); err != nil {
		return "", err
	}
	files, err := filepath.Glob(filepath.Join(dir, m[1]+"_*.deb"))
	if err != nil || len(files) != 1 {
		return "", fmt.Errorf("apt-get download left %q, %w", files, err)
	}
	return files[0], nil
}

func output(ctx context.Context, dir, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		err = fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, exit.Stderr)
	}
	return string(out), err
}

// unpack reads image and modules out of a kernel's package.
func unpack(ctx context.Context, file string) (kernel, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // ends dpkg-deb where not all of it was read
	cmd := exec.CommandContext(ctx, "dpkg-deb", "--fsys-tarfile", file)
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return kernel{}, err
	}
	if err := cmd.Start(); err != nil {
		return kernel{}, err
	}
	k, err := pick(tar.NewReader(pipe))
	cancel()
	_ = cmd.Wait() // it may have been ended before its time
	k.name = strings.TrimSuffix(filepath.Base(file), ".deb")
	return k, err
}

// pick takes what is needed out of the package, and reads no further.
func pick(r *tar.Reader) (kernel, error) {
	k := kernel{modules: make([][]byte, len(moduleNames()))}
	missing := 1 + len(k.modules)
	for missing > 0 {
		h, err := r.Next()
		if err != nil {
			return kernel{}, fmt.Errorf("the kernel's package lacks %d files: %w", missing, err)
		}
		var into *[]byte
		if strings.HasPrefix(path.Base(h.Name), "vmlinuz-") {
			into = &k.image
		}
		for i, m := range moduleNames() {
			if path.Base(h.Name) == m+".ko" {
				into = &k.modules[i]
			}
		}
		if into == nil {
			continue
		}
		if *into, err = io.ReadAll(r); err != nil {
			return kernel{}, err
		}
		missing--
	}
	return k, nil
}
