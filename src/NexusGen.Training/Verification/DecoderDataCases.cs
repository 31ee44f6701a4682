using NexusGen.Model;
using NexusGen.Training.Data;
using NexusGen.Training.Decoders;
using NexusGen.Verification;
using static TorchSharp.torch;

namespace NexusGen.Training.Verification;

/// <summary>Cases of the data that decoders are trained on: embeddings of targets and sources, and predicted ones.</summary>
internal static class DecoderDataCases
{
    public static CaseOutput DecoderData(ReferenceCase reference, ReferenceModels models)
    {
        ModelFiles files = models.Files(reference);
        bool editing = reference.Input.ContainsKey("record");
        var teacher = new TeacherForcing(files, models.Eye(reference), editing ? models.LanguageModel(reference) : null);
        if (!editing)
        {
            Tensor embeddings = teacher.SeeTargets([reference.Picture(reference.Value<string>("image"))]);
            return new CaseOutput().Add("embeddings", embeddings[0].to(ScalarType.Float32, CPU));
        }

        TrainingSample[] record = [TrainingCases.Record(reference, reference.Input["record"]!)];
        return new CaseOutput()
            .Add("source_embeddings", teacher.SeeSources(record)[0].to(ScalarType.Float32, CPU))
            .Add("target_embeddings", teacher.Predict(record)[0].to(ScalarType.Float32, CPU));
    }
}
