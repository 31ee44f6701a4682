using NexusGen.Diffusion.Autoencoder;
using NexusGen.Imaging;
using NexusGen.Model;
using NexusGen.Tests.Training;
using NexusGen.Tests.Weights;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Tests.Cli;

/// <summary>The decoders train on the official data: images, and files of embeddings that PyTorch saved.</summary>
public sealed class OfficialDecoderDataTests : IDisposable
{
    private const string Three =
        "from_nothing: true\nsteps: 3\nbatch_size: 2\nlog_every: 1\nworkers: 0\nthreads: 1\nwarmup_steps: 0\n"
        + "learning_rate: 0.01\nwidth: 48\nheight: 32\n"
        + "merger_from_language_model: false\n";

    private readonly TemporaryFolder _folder = new();
    private readonly string _model;

    public OfficialDecoderDataTests() => _model = BegunModelFolder.Write(_folder["model"]);

    public void Dispose() => _folder.Dispose();

    // The same embeddings and the image's latents, prepared in advance, result in the same losses, so both were read correctly.
    // The one valid record fills every batch.
    [Theory]
    [InlineData(false, "\"images\": [\"wide.png\"]", "\"embed_path\": \"drawn.pt\"")]
    [InlineData(
        true, "\"images\": [\"cat.png\", \"wide.png\"]", "\"embed_target\": \"drawn.pt\", \"embed_source\": \"source.pt\"")]
    public async Task ItTrainsAsWhatIsPreparedFromIt(bool editing, string images, string embeddings)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(5);
        Tensor drawn = randn([1, 16, 32], generator: generator).to(ScalarType.BFloat16),
            source = randn([16, 32], generator: generator);
        SavedByTorch.Write(_folder["drawn.pt"], drawn);
        SavedByTorch.Write(_folder["source.pt"], source);
        File.Copy(CliRun.Picture("cat.png"), _folder["cat.png"]);
        File.Copy(CliRun.Picture("wide.png"), _folder["wide.png"]);
        File.WriteAllText(_folder["broken.pt"], "no archive");
        string[] lines =
        [
            $"{{{images}, {embeddings}}}",
            $"{{{images}, {embeddings.Replace("drawn.pt", "missing.pt", StringComparison.Ordinal)}}}",
            $"{{{images}, {embeddings.Replace("drawn.pt", "broken.pt", StringComparison.Ordinal)}}}",
            $"{{{images}}}",
            $"{{{images.Replace("wide.png", "missing.png", StringComparison.Ordinal)}, {embeddings}}}",
        ];
        File.WriteAllLines(_folder["data.jsonl"], lines);
        string stage = editing ? "editing-decoder" : "generation-decoder";
        CliRun run = await Train(stage, "data.jsonl", "official");
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Contains("finished after 3 steps", run.Out);
        Assert.Contains("wrote ", run.Out);
        Assert.Equal(
            [2, 3, 4, 5],
            from line in run.Out.Split('\n')
            where line.StartsWith("skipped: ", StringComparison.Ordinal)
            let number = int.Parse(line.Split(", line ")[1].Split(':')[0], System.Globalization.CultureInfo.InvariantCulture)
            orderby number
            select number);

        PreparedFolder.Write(
            _folder["prepared"],
            drawn.to(ScalarType.Float32),
            editing ? source.unsqueeze(0) : null,
            Latents("wide.png"));
        CliRun prepared = await Train(stage, "prepared", "prepared-run", "--no-install");
        Assert.Equal((0, ""), (prepared.Code, prepared.Error));
        double[] official = Losses("official"), expected = Losses("prepared-run");
        Assert.Equal(3, official.Distinct().Count());
        Assert.All(expected.Zip(official), pair => Assert.Equal(pair.First, pair.Second, pair.First * 1e-4));
    }

    private Task<CliRun> Train(string stage, string data, string output, params string[] more)
    {
        File.WriteAllText(_folder["training.yaml"], $"{Three}data: [{{path: '{_folder[data]}'}}]\n");
        return CliRun.Of(
            ["train", stage, "--config", _folder["training.yaml"], "--model", _model, "--output", _folder[output], .. more]);
    }

    private double[] Losses(string output) => [.. ToyTraining.Losses(_folder[output]).Select(step => step.Loss)];

    private Tensor Latents(string picture)
    {
        using var files = new ModelFiles(ModelPaths.Find(_model));
        using AutoencoderEncoder autoencoder = files.AutoencoderEncoderPart.Load(LoadOptions.Reference);
        return autoencoder.Forward(ImageTensor.FromImage(ImageFitting.CoverCrop(ImageFile.Read(_folder[picture]), 48, 32)));
    }
}
