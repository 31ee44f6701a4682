using System.Text.Json.Nodes;
using NexusGen.Autoregressive;
using NexusGen.Imaging;
using NexusGen.Model;
using NexusGen.Verification;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Tests.Autoregressive;

/// <summary>Whatever cases of these kinds lie in the folder, computed and held against what the official code gives.</summary>
public sealed class ReferenceCaseTests : IClassFixture<ReferenceCaseTests.Models>
{
    private static readonly string[] Kinds =
        ["vision-encoder", "language-model", "rope-index", "sampling", "generate", "decoder-data", "embedding-merger"];

    private readonly Models _models;

    public ReferenceCaseTests(Models models) => _models = models;

    public static TheoryData<string> Cases =>
    [
        .. Verifier.Find(ReferenceFolder.Path).Select(folder => Path.GetRelativePath(Path.Combine(ReferenceFolder.Path, "cases"), folder))
            .Where(name => Kinds.Contains(name.Split(Path.DirectorySeparatorChar)[0])),
    ];

    [Theory]
    [MemberData(nameof(Cases))]
    public void EqualsTheOfficialCode(string name)
    {
        using IDisposable inference = no_grad();
        using var scope = NewDisposeScope();
        using var reference = ReferenceCase.Open(ReferenceFolder.Path, Path.Combine(ReferenceFolder.Path, "cases", name));
        using CaseOutput output = CaseKinds.Inference.Computations[reference.Kind](reference, _models.Loaded);

        List<Deviation> deviations = [];
        foreach (string tensor in reference.ExpectedTensors)
        {
            deviations.Add(TensorComparison.Compare(tensor, output.Tensors[tensor], reference.ExpectedTensor(tensor), reference.Tolerance));
        }

        foreach ((string value, JsonNode? expected) in reference.Expected)
        {
            deviations.AddRange(ValueComparison.Compare(value, output.Values[value], expected, reference.Tolerance));
        }

        Assert.NotEmpty(deviations);
        Assert.All(deviations, deviation => Assert.True(deviation.Within, $"{deviation.What}: {deviation.Error:0.0e0}, {deviation.Where}"));
    }

    [Fact]
    public void AllOfficialRepliesInOneBatchEqualEachAlone()
    {
        using IDisposable inference = no_grad();
        using var scope = NewDisposeScope();
        List<ReferenceCase> cases = [];
        List<(ReplyPrompt Prompt, ReplyOptions Options)> prompts = [];
        foreach (string folder in Verifier.Find(ReferenceFolder.Path).Where(folder => Path.GetFileName(Path.GetDirectoryName(folder)) == "generate"))
        {
            ReferenceCase reference = ReferenceCase.Open(ReferenceFolder.Path, folder);
            PromptPicture[] pictures =
                [.. reference.Value("images", Array.Empty<string>()).Select(file => new PromptPicture(ImageFitting.BoundImage(reference.Picture(file))))];
            cases.Add(reference);
            prompts.Add((
                _models.Loaded.Reader(reference).Read(reference.Value<string>("prompt"), pictures, _models.Loaded.Eye(reference)),
                AutoregressiveCases.Options(reference, _models.Loaded.Files(reference))));
        }

        using var batch = new ReplyBatch(_models.Loaded.LanguageModel(cases[0]), prompts);
        while (batch.Step())
        {
        }

        Assert.True(cases.Count > 3);
        foreach ((ReferenceCase reference, ReplySequence reply) in cases.Zip(batch.Sequences))
        {
            Assert.Equal(reference.ExpectedTensor("generated_ids").data<long>().Select(id => (int)id), reply.GeneratedIds);
            if (reference.ExpectedTensors.Contains("image_embeddings"))
            {
                SmallModel.AssertClose(reference.ExpectedTensor("image_embeddings").squeeze(0), reply.Drawn[0], 2e-5);
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
