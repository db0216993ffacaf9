package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/clew-sec/clew/correlate"
	"github.com/clew-sec/clew/server/auth"
	"github.com/clew-sec/clew/store"
	"github.com/clew-sec/clew/workspace"
)

// InModel names a model.
type InModel struct {
	InWorkspace
	ModelID int64 `path:"modelId" minimum:"0" doc:"0 is the model that the server starts with."`
}

type uploadModelInput struct {
	InWorkspace
	RawBody []byte `contentType:"application/json" required:"true"`
}

type trainModelInput struct {
	InWorkspace
	Body struct {
		Version string `json:"version" minLength:"1" maxLength:"100" doc:"What the model is to be called; every link that it makes says so."`
	}
}

// KeptModel is a model of the list.
type KeptModel struct {
	store.Model
	InUse bool `json:"inUse" doc:"It decides at present."`
}

// ModelDetails is a model with what it looks at.
type ModelDetails struct {
	KeptModel
	Summary *correlate.ModelSummary `json:"summary,omitempty" doc:"Thresholds, features with their weight, and calibration; missing until it is trained."`
	Problem string                  `json:"problem,omitempty" doc:"Why this version of Clew can't use it."`
}

// modelFileOutput is a download.
type modelFileOutput struct {
	ContentType        string `header:"Content-Type"`
	ContentDisposition string `header:"Content-Disposition"`
	Body               []byte
}

func (s *service) modelOperations() {
	tag := "correlation"
	add(s, operation{id: "listModels", tag: tag, route: "GET /correlation/models", summary: "The models that can correlate", need: auth.Read,
		doc: "The one that the server starts with has the number 0 and comes first; those that are kept follow, newest first."}, s.listModels)
	add(s, operation{id: "uploadModel", tag: tag, route: "POST /correlation/models", summary: "Keep a model", need: auth.Write,
		status: http.StatusCreated, errors: []int{409, 413, 422}, maxBody: correlate.MaxModelBytes, adjust: describeModelFile,
		doc: fmt.Sprintf("The body is a model file as `clew model train` writes it and GET /correlation/models/{modelId}/file gives it. Nothing changes by it: a back-test can try it, and PUT /correlation/settings with its number lets it decide. At most %d are kept.", store.MaxModels)}, s.uploadModel)
	add(s, operation{id: "trainModel", tag: tag, route: "POST /correlation/models/train", summary: "Train a model from what people decided", need: auth.Write,
		status: http.StatusAccepted, errors: []int{409, 422},
		doc: "A job learns from what people closed with a classification, merged, moved and took apart; GET /correlation/models/{modelId} tells how far it is. One runs at a time."}, s.trainModel)
	add(s, operation{id: "getLearnable", tag: tag, route: "GET /correlation/learnable", summary: "How much there is to train a model from", need: auth.Read}, s.getLearnable)
	add(s, operation{id: "getModel", tag: tag, route: "GET /correlation/models/{modelId}", summary: "What a model is and looks at", need: auth.Read}, s.getModel)
	add(s, operation{id: "getModelFile", tag: tag, route: "GET /correlation/models/{modelId}/file", summary: "Download a model", need: auth.Read, adjust: func(op *huma.Operation) {
		op.Responses = map[string]*huma.Response{"200": {Description: "The model file.", Content: map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{Type: huma.TypeObject}}}}}
	}}, s.getModelFile)
	add(s, operation{id: "deleteModel", tag: tag, route: "DELETE /correlation/models/{modelId}", summary: "Delete a model that is kept", need: auth.Write, errors: []int{409},
		doc: "The one that decides can't be deleted, nor can the server's own. A training that is under way ends."}, s.deleteModel)
}

// describeModelFile leaves the body to the reader of models, which says more.
func describeModelFile(op *huma.Operation) {
	op.SkipValidateBody = true
	op.RequestBody = &huma.RequestBody{Required: true, Description: "A model file, a JSON object.", Content: map[string]*huma.MediaType{"application/json": {}}}
}

func (s *service) models() workspace.Models {
	return workspace.Models{Store: s.Store, Own: s.Model, Origin: s.ModelOrigin}
}

// inUse is the number of the model that decides.
func (s *service) inUse(ctx context.Context, name string) (int64, error) {
	v, err := s.Store.CorrelationSettings(ctx, name)
	return v.Settings.Model, err
}

func (s *service) listModels(ctx context.Context, in *InWorkspace) (*ListOutput[KeptModel], error) {
	if _, err := s.of(in.Workspace); err != nil {
		return nil, err
	}
	used, err := s.inUse(ctx, in.Workspace)
	if err != nil {
		return nil, err
	}
	all, err := s.models().List(ctx, in.Workspace)
	if err != nil {
		return nil, err
	}
	rows := make([]KeptModel, len(all))
	for i, m := range all {
		rows[i] = KeptModel{m, m.ID == used}
	}
	return listed(store.Page[KeptModel]{Items: rows}, nil)
}

func (s *service) uploadModel(ctx context.Context, in *uploadModelInput) (*Output[KeptModel], error) {
	if _, err := s.of(in.Workspace); err != nil {
		return nil, err
	}
	m, err := s.models().Keep(ctx, in.Workspace, actor(ctx).Name, in.RawBody, s.Now())
	return output(KeptModel{Model: m}, taken(err))
}

func (s *service) trainModel(ctx context.Context, in *trainModelInput) (*Output[KeptModel], error) {
	if _, err := s.of(in.Workspace); err != nil {
		return nil, err
	}
	m, err := s.models().Train(ctx, s.Store, in.Workspace, actor(ctx).Name, in.Body.Version, s.Now())
	return output(KeptModel{Model: m}, taken(err))
}

// taken says which name a conflict is about.
func taken(err error) error {
	if errors.Is(err, store.ErrConflict) {
		return problemOf(http.StatusConflict, "conflict", "Another model has this version already.", "Give the model another version: every link says by it which model decided.")
	}
	return err
}

func (s *service) getLearnable(ctx context.Context, in *InWorkspace) (*Output[workspace.Learnable], error) {
	if _, err := s.of(in.Workspace); err != nil {
		return nil, err
	}
	_, l, err := workspace.ReadLabels(ctx, s.Store, in.Workspace)
	return output(l, err)
}

func (s *service) getModel(ctx context.Context, in *InModel) (*Output[ModelDetails], error) {
	if _, err := s.of(in.Workspace); err != nil {
		return nil, err
	}
	m, err := s.models().Get(ctx, in.Workspace, in.ModelID)
	if err != nil {
		return nil, err
	}
	used, err := s.inUse(ctx, in.Workspace)
	if err != nil {
		return nil, err
	}
	out := ModelDetails{KeptModel: KeptModel{m, m.ID == used}}
	if m.State != store.ModelReady {
		return output(out, nil)
	}
	file, err := s.models().File(ctx, in.Workspace, in.ModelID)
	if err != nil {
		return nil, err
	}
	read, err := correlate.ParseModel(file)
	if err != nil {
		out.Problem = err.Error()
		return output(out, nil)
	}
	summary := read.Summary()
	out.Summary = &summary
	return output(out, nil)
}

func (s *service) getModelFile(ctx context.Context, in *InModel) (*modelFileOutput, error) {
	if _, err := s.of(in.Workspace); err != nil {
		return nil, err
	}
	file, err := s.models().File(ctx, in.Workspace, in.ModelID)
	if err != nil {
		return nil, err
	}
	return &modelFileOutput{
		ContentType: "application/json", ContentDisposition: fmt.Sprintf(`attachment; filename="clew-model-%d.json"`, in.ModelID), Body: file,
	}, nil
}

func (s *service) deleteModel(ctx context.Context, in *InModel) (*Empty, error) {
	w, err := s.of(in.Workspace)
	if err != nil {
		return nil, err
	}
	if err := w.DeleteModel(ctx, in.ModelID); err != nil {
		return nil, err
	}
	return &Empty{}, nil
}
