# nxphone. "make run" to try it, "make test" before a change goes in.
# Everything that is missing on a Debian 12 is installed on the way
# (packaging/deps); with nothing to do, nothing is said.

SHELL := /bin/bash
GO    ?= $(or $(shell command -v go),/usr/local/go/bin/go)

# One set of flags for every build and test: Fyne's C files take minutes, and
# each set has a cache of its own. The commit is handed in below because Git
# refuses to tell it in a checkout that belongs to another user. no_animations:
# without a GPU a blinking cursor alone costs 7 % of a core. no_emoji: no text here
# has one, and their font is a tenth of the program.
export GO
export PATH := $(PATH):$(patsubst %/,%,$(dir $(GO)))
export GOFLAGS := $(GOFLAGS) -tags=migrated_fynedo,no_animations,no_emoji -buildvcs=false

BINARY := dist/nxphone
COMMIT  = $(shell git -c safe.directory='*' describe --always --dirty --abbrev=40 --exclude='*' 2>/dev/null)
VERSION = $(shell packaging/version)
# Whose signatures the program believes.
UPDATE_KEYS = $(shell packaging/release/update-keys)

# What is tested is what is packed: position independent, with the compiler's
# checks of buffers in the C files, and the same bytes from any directory.
HARDEN := -O2 -D_FORTIFY_SOURCE=2 -fstack-protector-strong

.PHONY: help run build packages windows release test test-packages bench bench-voice screens fmt clean
.DEFAULT_GOAL := help

help:
	@echo 'make run     the phone on the demo SBC (without a display: a call without a window)'
	@echo 'make test    everything: unit, window and interop tests'
	@echo 'make bench   measure the phone beside a browser; results in dist/bench'
	@echo 'make bench-voice  how the phone sounds beside a browser: delay, losses, echo, noise; in dist/bench'
	@echo 'make screens pictures of every screen, in both languages, all palettes and both scales, in dist/screens'
	@echo 'make build   only $(BINARY)'
	@echo 'make packages       .deb, .rpm, Arch package and tar.gz in dist'
	@echo 'make windows        nxphone.exe and the installers for Windows in dist/windows'
	@echo 'make release        all of these with checksums, signatures, bills of materials and the proofs that take long'
	@echo 'make test-packages  builds the packages, installs and uses them in a system of their own, as root'
	@echo 'make fmt     gofmt'
	@echo 'make clean   remove dist'

run: build
	@packaging/deps run
	@packaging/run $(BINARY)

build:
	@packaging/deps build
	@mkdir -p dist; [ -e $(BINARY) ] || echo 'building $(BINARY); the first time takes some minutes'
	@CGO_CFLAGS='$(HARDEN)' $(GO) build -trimpath -buildmode=pie -o $(BINARY) \
		-ldflags '-s -w -X main.version=$(VERSION) -X main.commitFlag=$(COMMIT) $(if $(UPDATE_KEYS),-X main.updateKeys=$(UPDATE_KEYS)) -extldflags "-Wl,-z,relro,-z,now"' ./cmd/nxphone

test:
	@packaging/deps build run test
	@$(MAKE) --no-print-directory build
	@packaging/test $(BINARY)

packages: build
	@packaging/deps packages
	@packaging/linux/build $(BINARY) dist
	@packaging/kiosk/build dist

windows:
	@packaging/deps build windows
	@packaging/windows/make dist/windows

# NXPHONE_WINDOWS=no and NXPHONE_PROOFS=no leave these out, which is said.
release: packages
	@if [ "$$NXPHONE_WINDOWS" != no ]; then $(MAKE) --no-print-directory windows; fi
	@packaging/release/proofs
	@packaging/release/make dist dist/release

test-packages: packages
	@packaging/deps test-packages
	@packaging/test-packages

bench:
	@packaging/deps build run test
	@$(MAKE) --no-print-directory build
	@$(GO) run ./call/interop/bench -phone $(BINARY) -out dist/bench

# ARGS goes to the bench: ARGS='-only gaps -minutes 30'.
bench-voice:
	@packaging/deps build run test
	@$(MAKE) --no-print-directory build
	@$(GO) run ./call/interop/voice -phone $(BINARY) -out dist/bench $(ARGS)

screens:
	@packaging/deps build
	@packaging/screens dist/screens

fmt:
	@gofmt -w $$(git ls-files '*.go')

clean:
	rm -rf dist
