package sqlite

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/clew-sec/clew/store"
)

// folderLock holds a data folder for this process. The system drops it when the
// process ends, however it ends.
type folderLock struct{ file *os.File }

const lockFile = "clew.lock"

func lockFolder(folder string) (*folderLock, error) {
	path := filepath.Join(folder, lockFile)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("the data folder %s can't be written: %w", folder, known(err))
	}
	switch err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); {
	case errors.Is(err, syscall.EWOULDBLOCK):
		holder := readHolder(f)
		return nil, errors.Join(fmt.Errorf("%w: %s is held by %s; stop it, or use another folder", store.ErrLocked, folder, holder), f.Close())
	case err != nil:
		return nil, errors.Join(fmt.Errorf("locking the data folder %s: %w", folder, known(err)), f.Close())
	}
	// Who holds it is only for the message that another process shows.
	if err := f.Truncate(0); err == nil {
		_, _ = f.WriteAt([]byte(strconv.Itoa(os.Getpid())), 0)
	}
	return &folderLock{file: f}, nil
}

func readHolder(f *os.File) string {
	text, err := io.ReadAll(io.LimitReader(f, 20))
	pid, bad := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || bad != nil {
		return "another process"
	}
	return fmt.Sprintf("process %d", pid)
}

// release gives the folder free at once. Closing alone would not: a process that is
// being started at this moment holds a copy of the file until it runs its program.
func (l *folderLock) release() error {
	return errors.Join(syscall.Flock(int(l.file.Fd()), syscall.LOCK_UN), l.file.Close())
}

// errorOfSystem gives the contract's error for one of the operating system.
func errorOfSystem(err error) error {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT), errors.Is(err, syscall.EFBIG):
		return store.ErrFull
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return store.ErrReadOnly
	}
	return nil
}
