//go:build !unix

package main

import "log/slog"

// noCore has nothing to do where the system writes no core dumps by itself.
func noCore(*slog.Logger) {}

// noReader has nothing to add to the system's own rules.
func noReader(*slog.Logger) {}
