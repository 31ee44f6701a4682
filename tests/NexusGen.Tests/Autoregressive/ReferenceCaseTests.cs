using System.Text.Json.Nodes;
using NexusGen.Jobs;
using NexusGen.Training.Verification;
using NexusGen.Verification;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Tests.Autoregressive;

/// <summary>Computes all cases of these kinds in the folder and compares them with the results of the official code.</summary>
public sealed class ReferenceCaseTests : IClassFixture<ReferenceCaseTests.Models>
{
    private static readonly string[] Kinds =
        ["vision-encoder", "language-model", "rope-index", "sampling", "generate", "decoder-data", "embedding-merger"];

    private static readonly Dictionary<string, Func<ReferenceCase, ReferenceModels, CaseOutput>> Computations =
        new(CaseKinds.Inference.Computations.Concat(TrainingCaseKinds.All.Computations));

    private readonly Models _models;

    public ReferenceCaseTests(Models models) => _models = models;

    public static TheoryData<string> Cases =>
    [
        .. Verifier.Find(ReferenceFolder.Path)
            .Select(folder => Path.GetRelativePath(Path.Combine(ReferenceFolder.Path, "cases"), folder))
            .Where(name => Kinds.Contains(name.Split(Path.DirectorySeparatorChar)[0])),
    ];

    [Theory]
    [MemberData(nameof(Cases))]
    public void EqualsTheOfficialCode(string name)
    {
        using IDisposable inference = no_grad();
        using var scope = NewDisposeScope();
        using var reference = ReferenceCase.Open(ReferenceFolder.Path, Path.Combine(ReferenceFolder.Path, "cases", name));
        using CaseOutput output = Computations[reference.Kind](reference, _models.Loaded);

        List<Deviation> deviations = [];
        foreach (string tensor in reference.ExpectedTensors)
        {
            deviations.Add(TensorComparison.Compare(
                tensor, output.Tensors[tensor], reference.ExpectedTensor(tensor), reference.Tolerance));
        }

        foreach ((string value, JsonNode? expected) in reference.Expected)
        {
            deviations.AddRange(ValueComparison.Compare(value, output.Values[value], expected, reference.Tolerance));
        }

        Assert.NotEmpty(deviations);
        Assert.All(
            deviations,
            deviation => Assert.True(deviation.Within, $"{deviation.What}: {deviation.Error:0.0e0}, {deviation.Where}"));
    }

    [Fact]
    public void AllOfficialRepliesInOneBatchEqualEachAlone()
    {
        ReferenceModels models = _models.Loaded;
        ReferenceCase[] cases =
        [
            .. Verifier.Find(ReferenceFolder.Path).Where(folder => Path.GetFileName(Path.GetDirectoryName(folder)) == "generate")
                .Select(folder => ReferenceCase.Open(ReferenceFolder.Path, folder)),
        ];
        Assert.True(cases.Length > 3);
        GenerationPlan[] plans = [.. cases.Select(reference => PipelineCases.TokenPlan(reference, models))];
        using var job = new GenerationJob(models.Components(cases[0]), plans, null, null);
        models.Run(async context =>
        {
            await job.EncodeImagesAsync(context);
            await job.GenerateAsync(context);
            return 0;
        });
        foreach ((ReferenceCase reference, GenerationState state) in cases.Zip(job.Requests))
        {
            Assert.Equal(reference.ExpectedTensor("generated_ids").data<long>().Select(id => (int)id), state.Reply!.TokenIds);
            if (reference.ExpectedTensors.Contains("image_embeddings"))
            {
                SmallModel.AssertClose(
                    reference.ExpectedTensor("image_embeddings").squeeze(0), Assert.Single(state.Predicted).Embeddings, 2e-5);
            }

            reference.Dispose();
        }
    }

    public sealed class Models : IDisposable
    {
        internal ReferenceModels Loaded { get; } = new(ReferenceFolder.Path, LoadOptions.Reference);

        public void Dispose() => Loaded.Dispose();
    }
}
