using NexusGen.Model;
using NexusGen.Training.Data;
using NexusGen.Training.Decoders;
using NexusGen.Verification;
using static TorchSharp.torch;

namespace NexusGen.Training.Verification;

/// <summary>
/// Reference cases for the training data of decoders: embeddings of target and source images, and predicted embeddings.
/// </summary>
internal static class DecoderDataCases
{
    public static CaseOutput DecoderData(ReferenceCase reference, ReferenceModels models)
    {
        ModelFiles files = models.Files(reference);
        bool editing = reference.Input.ContainsKey("record");
        var teacher = new TeacherForcing(
            files, models.VisionEncoder(reference), editing ? models.LanguageModel(reference) : null);
        if (!editing)
        {
            Tensor embeddings = teacher.SeeTargets([reference.Image(reference.Value<string>("image"))]);
            return new CaseOutput().Add("embeddings", embeddings[0].to(ScalarType.Float32, CPU));
        }

        TrainingSample[] record = [TrainingCases.Record(reference, reference.Input["record"]!)];
        return new CaseOutput()
            .Add("source_embeddings", teacher.SeeSources(record)[0].to(ScalarType.Float32, CPU))
            .Add("target_embeddings", teacher.Predict(record)[0].to(ScalarType.Float32, CPU));
    }
}
