//go:build !linux

package webapi

const childEnv = "NXPHONE_TEST_CHILD"

func child() int { return 1 }
