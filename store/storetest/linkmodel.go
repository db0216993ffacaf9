package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/clew-sec/clew/store"
)

func models(t *testing.T, s store.Store) {
	ctx := t.Context()
	missing(t, "a model of a workspace that does not exist", second(s.Model(ctx, home, 1)))
	if list := must1(s.Models(ctx, home)); len(list) != 0 {
		t.Errorf("%+v", list)
	}
	file := bytes.Repeat([]byte("\x00{\"version\": 1}\xff"), 5000)
	kept := must1(s.CreateModel(ctx, home, store.Model{Version: "one", Origin: store.ModelUploaded, State: store.ModelReady, By: "mara <b>", CreatedAt: at(1),
		Trained: "a\u202eb", Size: int64(len(file)), Digest: "d1"}, file))
	equal(t, "its number", int64(1), kept.ID)
	equal(t, "read", kept, must1(s.Model(ctx, home, 1)))
	equal(t, "its file", file, must1(s.ModelFile(ctx, home, 1)))
	conflicting(t, "the same version again", second(s.CreateModel(ctx, home, store.Model{Version: "one"}, file)))

	later := must1(s.CreateModel(ctx, home, store.Model{Version: "two", State: store.ModelQueued}, nil, store.Job{Kind: "test", At: epoch}))
	missing(t, "the file of one that is still to be trained", second(s.ModelFile(ctx, home, later.ID)))
	later.State, later.Done, later.Total = store.ModelTraining, 3, 11
	ok(t, s.UpdateModel(ctx, home, later, nil))
	later.State, later.Size = store.ModelReady, 4
	ok(t, s.UpdateModel(ctx, home, later, []byte("file")))
	later.Trained = "home"
	ok(t, s.UpdateModel(ctx, home, later, nil))
	equal(t, "trained", later, must1(s.Model(ctx, home, later.ID)))
	equal(t, "its file", []byte("file"), must1(s.ModelFile(ctx, home, later.ID)))
	named := later
	named.Version = "one"
	conflicting(t, "taking another's version", s.UpdateModel(ctx, home, named, nil))
	equal(t, "listed", []store.Model{later, kept}, must1(s.Models(ctx, home)))

	ok(t, s.DeleteModel(ctx, home, later.ID))
	missing(t, "deleted", second(s.Model(ctx, home, later.ID)))
	missing(t, "the file of a deleted one", second(s.ModelFile(ctx, home, later.ID)))
	missing(t, "deleting again", s.DeleteModel(ctx, home, later.ID))
	missing(t, "replacing a deleted one", s.UpdateModel(ctx, home, later, nil))
	missing(t, "another workspace's", second(s.Model(ctx, "elsewhere", 1)))
	missing(t, "no number", second(s.ModelFile(ctx, home, -1)))
	missing(t, "deleting no number", s.DeleteModel(ctx, home, 1<<60))
	equal(t, "a number is given out once", later.ID+1, must1(s.CreateModel(ctx, home, store.Model{Version: "two"}, nil)).ID)

	for i := range store.MaxModels - 2 {
		must1(s.CreateModel(ctx, home, store.Model{Version: fmt.Sprint(i)}, nil))
	}
	if _, err := s.CreateModel(ctx, home, store.Model{Version: "more"}, nil); !errors.Is(err, store.ErrTooMany) {
		t.Errorf("beyond the limit: %v", err)
	}
	equal(t, "kept", store.MaxModels, len(must1(s.Models(ctx, home))))
}
