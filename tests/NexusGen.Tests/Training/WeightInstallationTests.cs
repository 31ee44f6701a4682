using System.Text;
using NexusGen.Autoregressive;
using NexusGen.Diffusion.Flux;
using NexusGen.Model;
using NexusGen.Tests.Model;
using NexusGen.Tests.Weights;
using NexusGen.Training.Checkpoints;
using NexusGen.Training.Stages;
using NexusGen.Weights;
using NexusGen.Weights.Files.Safetensors;
using NexusGen.Weights.Modules;
using NexusGen.Weights.Stores;
using static TorchSharp.torch;

namespace NexusGen.Tests.Training;

/// <summary>Installation of trained weights in a model folder.</summary>
public sealed class WeightInstallationTests : IDisposable
{
    private readonly ModelCopy _model = new();
    private readonly TemporaryFolder _training = new();

    public void Dispose()
    {
        _training.Dispose();
        _model.Dispose();
    }

    [Theory]
    [InlineData("generation_decoder")]
    [InlineData("edit_decoder")]
    public void ADecoderOfSeveralFilesReplacesTheOfficialOneAndTheModelStillOpens(string name)
    {
        Checkpoint($"Nexus-GenV2/{name}.bin", $"Nexus-GenV2/{name}", value => value * 2);
        string index = Assert.Single(WeightInstallation.Install(_training.Path, _model.Paths, maxShardBytes: 20_000));
        Assert.Equal(_model[$"Nexus-GenV2/{name}.safetensors.index.json"], index);
        using var before = new ModelFiles(ModelPaths.Find(LoadedModel.Folder));
        using var after = new ModelFiles(ModelPaths.Find(_model.Path));
        string Decoder(ModelFiles files) => name == "edit_decoder" ? files.Paths.EditingDecoder : files.Paths.GenerationDecoder;
        using FluxTransformer official = before.FluxPart(Decoder(before)).Load(LoadOptions.Reference);
        using FluxTransformer trained = after.FluxPart(Decoder(after)).Load(LoadOptions.Reference);
        using var scope = NewDisposeScope();
        Assert.All(
            official.Parameters.Zip(trained.Parameters),
            both => Assert.True((both.First.Value * 2).allclose(both.Second.Value, rtol: 0, atol: 0), both.First.Name));
        using LanguageModel model = after.LanguageModelPart.Load(LoadOptions.Reference);
        Assert.NotEmpty(model.Parameters);
    }

    [Fact]
    public void ALanguageModelOfSeveralFilesStaysReadableBesideADecoderOfSeveral()
    {
        Checkpoint("Nexus-GenV2", "Nexus-GenV2/model", value => value * 2);
        Checkpoint("Nexus-GenV2/edit_decoder.bin", "Nexus-GenV2/edit_decoder", value => value);
        Assert.Equal(2, WeightInstallation.Install(_training.Path, _model.Paths, maxShardBytes: 20_000).Count);
        using ITensorStore before = TensorStore.Open(_model.Paths.LanguageModelWeights);
        var found = ModelPaths.Find(_model.Path);
        using ITensorStore after = TensorStore.Open(found.LanguageModelWeights);
        Assert.Equal(before.Entries.Count, after.Entries.Count);
        using ITensorStore official = TensorStore.Open(ModelPaths.Find(LoadedModel.Folder).LanguageModelWeights);
        using var scope = NewDisposeScope();
        Assert.All(
            official.Entries.Values,
            entry => Assert.True((official.Read(entry) * 2).allclose(after.Read(after.Entries[entry.Name]), rtol: 0, atol: 0)));
    }

    [Theory]
    [InlineData("model.safetensors")]
    [InlineData("pytorch_model.bin")]
    public void ATrainedVisionEncoderReplacesTheOneWithOtherNames(string file)
    {
        using (var scope = NewDisposeScope())
        {
            Checkpoint("Nexus-GenV2", "Nexus-GenV2/model", value => value * 2, name => name.StartsWith("visual."));
            Dictionary<string, Tensor> tensors = [];
            using (ITensorStore store = TensorStore.Open(_model.Paths.LanguageModelWeights))
            {
                foreach (TensorEntry entry in store.Entries.Values)
                {
                    string name = entry.Name.StartsWith("visual.") ? "model." + entry.Name
                        : entry.Name.StartsWith("model.") ? "model.language_model." + entry.Name[6..] : entry.Name;
                    tensors[name] = store.Read(entry);
                }
            }

            Array.ForEach(Directory.GetFiles(_model["Nexus-GenV2"], "model*.safetensors*"), File.Delete);
            if (file.EndsWith(".bin"))
            {
                TorchArchive.Write(_model[$"Nexus-GenV2/{file}"], tensors);
            }
            else
            {
                SafetensorsWriter.Write(
                    _model[$"Nexus-GenV2/{file}"], [.. tensors.Select(pair => (pair.Key, pair.Value))]);
            }
        }

        WeightInstallation.Install(_training.Path, _model.Paths);
        using ITensorStore official = TensorStore.Open(ModelPaths.Find(LoadedModel.Folder).LanguageModelWeights);
        using ITensorStore after = TensorStore.Open(ModelPaths.Find(_model.Path).LanguageModelWeights);
        Assert.Equal(official.Entries.Keys.Order(), after.Entries.Keys.Order());
        using var scope2 = NewDisposeScope();
        Assert.All(official.Entries.Values, entry =>
        {
            Tensor before = official.Read(entry);
            Assert.True(
                (entry.Name.StartsWith("visual.") ? before * 2 : before)
                    .allclose(after.Read(after.Entries[entry.Name]), rtol: 0, atol: 0),
                entry.Name);
        });
    }

    // Writes a checkpoint with the modified values of a file.
    private void Checkpoint(string from, string to, Func<Tensor, Tensor> change, Predicate<string>? only = null)
    {
        using var scope = NewDisposeScope();
        string folder = TrainingCheckpoint.Checkpoints(_training.Path).Path;
        string step = Path.Combine(folder, "step-00000001");
        Directory.CreateDirectory(step);
        File.WriteAllBytes(Path.Combine(step, "state.json"), Encoding.UTF8.GetBytes("""{"format":1,"step":1}"""));
        using ITensorStore store = TensorStore.Open(from == "Nexus-GenV2" ? _model.Paths.LanguageModelWeights : _model[from]);
        SafetensorsWriter.Write(
            Path.Combine(step, "weights", to + ".safetensors"),
            [
                .. store.Entries.Values.Where(entry => only?.Invoke(entry.Name) ?? true)
                    .Select(entry => (entry.Name, change(store.Read(entry)))),
            ]);
    }
}
