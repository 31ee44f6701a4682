using NexusGen.Conversion;
using NexusGen.Core;
using NexusGen.Hub;
using NexusGen.Model;
using NexusGen.Weights.Stores;

namespace NexusGen.Cli.Models;

/// <summary>
/// Fetches a model part by part, converts each, and removes what was fetched of it, so that the disk never holds more than the
/// parts that are converted and one that is not. It goes on after any interruption.
/// </summary>
/// <param name="hub">The client.</param>
/// <param name="folder">The folder of the model.</param>
/// <param name="type">The storage.</param>
internal sealed class ConvertingPull(ModelHub hub, string folder, StorageType type)
{
    private const string Small = "", Configuration = "nexus-gen.json";

    private readonly string _folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));

    // The part, and its files.
    private readonly List<(string Part, PullFile[] Files)> _groups = [];

    /// <summary>Gets what is fetched: all that is not converted yet.</summary>
    public PullPlan Plan { get; private set; } = new([], 0, 0);

    /// <summary>
    /// Gets the most bytes that the disk holds of the pull at any time; about, since the new sizes are estimated.
    /// </summary>
    public long PeakBytes { get; private set; }

    private string Work => _folder + ".nexusgen.pull";

    private string Source => Path.Combine(Work, "source");

    private string ConvertedFolder => Path.Combine(Work, "converted-" + type.Name);

    private string Whole => Path.Combine(Work, "whole");

    /// <summary>Asks the hub, and plans.</summary>
    /// <param name="requests">The requests; their folders are that of the model, or inside it.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="NexusGenException">The model is there already, or the repository has none.</exception>
    public async Task PlanAsync(IReadOnlyList<PullRequest> requests, CancellationToken cancellationToken)
    {
        foreach (string name in (string[])[ModelPaths.LanguageModelFolder, "FLUX"])
        {
            // A pull that ended while it moved the parts left some of them in their places.
            if (Path.Exists(Path.Combine(_folder, name)) && !Directory.Exists(Whole))
            {
                throw new NexusGenException(
                    $"{Path.Combine(_folder, name)} exists and is not replaced; name another folder with --model.");
            }
        }

        PullPlan all = await hub.PlanAsync(
            [.. requests.Select(request => request with { Folder = Staged(request.Folder), IsTemporary = true })],
            cancellationToken);
        ILookup<string?, PullFile> byPart = all.Files.ToLookup(PartOf);
        if (!byPart[Small].Any(file => file.Target == Path.Combine(Source, ModelPaths.LanguageModelFolder, "config.json")))
        {
            throw new NexusGenException(
                $"--to converts a whole model, with {ModelPaths.LanguageModelFolder}/config.json; fetch other files without it, "
                + "and run nexusgen convert.");
        }

        foreach (string part in ModelConversion.Parts.Prepend(Small))
        {
            PullFile[] files = [.. byPart[part]];
            if (files.Length > 0 && !(part != Small && Directory.Exists(Path.Combine(ConvertedFolder, part))))
            {
                _groups.Add((part, files));
            }
        }

        Plan = PlanOf([.. _groups.SelectMany(group => group.Files)], all.BytesFree);
        PeakBytes = Peak();
    }

    /// <summary>Fetches and converts.</summary>
    /// <param name="fetching">Receives the progress of fetching, or null.</param>
    /// <param name="converting">Receives the progress of converting, or null.</param>
    /// <param name="cancellationToken">Stops; the next pull goes on from there.</param>
    public async Task RunAsync(
        IProgress<PullProgress>? fetching, IProgress<ConversionProgress>? converting, CancellationToken cancellationToken)
    {
        long free = DiskSpace.Free(_folder), there = Plan.Files.Sum(file => file.BytesThere);
        if (PeakBytes - there > free)
        {
            throw new NexusGenException(
                $"The disk holds up to {PeakBytes / 1e9:0.0} GB at a time while the model is fetched and converted, but it has "
                + $"room for {free / 1e9:0.0} GB only: nothing was fetched. Make room, or name a folder on another disk with "
                + "--model.");
        }

        foreach ((string part, PullFile[] files) in _groups)
        {
            await hub.PullAsync(PlanOf(files, DiskSpace.Free(_folder)), fetching, cancellationToken);
            if (part == Small)
            {
                // The sizes of a model that is not the official one may be there already.
                if (File.Exists(Path.Combine(_folder, Configuration)))
                {
                    File.Copy(Path.Combine(_folder, Configuration), Path.Combine(Source, Configuration), overwrite: true);
                }

                continue;
            }

            var request = new ConversionRequest(Source, Path.Combine(ConvertedFolder, part), type) { Parts = [part] };
            Directory.CreateDirectory(ConvertedFolder);
            using (ConversionPlan plan = ConversionPlanner.Plan(request))
            {
                new Converter(plan).Run(converting, cancellationToken);
            }

            foreach (PullFile file in files)
            {
                File.Delete(file.Target);
            }
        }

        Assemble();
    }

    private static PullPlan PlanOf(IReadOnlyList<PullFile> files, long free) => new(
        files,
        files.Where(file => file.State is PullState.Missing or PullState.Begun)
            .Sum(file => Math.Max(0, (file.Size ?? 0) - file.BytesThere)),
        free);

    private string Staged(string path) =>
        Path.GetFullPath(Path.Combine(Source, Path.GetRelativePath(_folder, Path.GetFullPath(path))));

    // The part that a file belongs to by its place; null for weights that the model does not use.
    private string? PartOf(PullFile file)
    {
        string[] path = Path.GetRelativePath(Source, file.Target).Split(Path.DirectorySeparatorChar);
        string name = path[^1];
        if (!CheckpointNames.IsWeights(name) && !name.EndsWith(".index.json", StringComparison.Ordinal))
        {
            return Small;
        }

        return path switch
        {
            [ModelPaths.LanguageModelFolder, _] =>
                name.StartsWith(ModelPaths.GenerationDecoderName, StringComparison.Ordinal) ? "generation-decoder"
                : name.StartsWith(ModelPaths.EditingDecoderName, StringComparison.Ordinal) ? "editing-decoder"
                : "language-model",
            ["FLUX", "FLUX.1-dev", "ae.safetensors"] => "autoencoder",
            ["FLUX", "FLUX.1-dev", "text_encoder", _] => "clip",
            ["FLUX", "FLUX.1-dev", "text_encoder_2", _] => "t5",
            ["empty-prompt.safetensors"] => Small,
            _ => null,
        };
    }

    // Before a part is removed, its old and its new form are there. The official files have two bytes a value.
    private long Peak()
    {
        double ratio = type.Encoding.UnitBytes / (2.0 * type.Encoding.Unit);
        long kept = Directory.Exists(ConvertedFolder)
            ? Directory.EnumerateFiles(ConvertedFolder, "*", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length)
            : 0;
        long peak = kept;
        foreach ((string part, PullFile[] files) in _groups)
        {
            long bytes = files.Sum(file => file.Size ?? 0);
            long made = part == Small ? bytes : (long)(bytes * (part is "autoencoder" or "clip" ? 1 : ratio));
            peak = Math.Max(peak, kept + made + (part == Small ? 0 : bytes));
            kept += made;
        }

        return peak;
    }

    // The folder of the language model, by which a model is found, comes last.
    private void Assemble()
    {
        foreach (string part in Directory.GetDirectories(ConvertedFolder))
        {
            foreach (string file in Directory.EnumerateFiles(part, "*", SearchOption.AllDirectories))
            {
                string target = Path.Combine(Whole, Path.GetRelativePath(part, file));
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Move(file, target, overwrite: true);
            }
        }

        Directory.CreateDirectory(_folder);
        foreach (string entry in Directory.GetFileSystemEntries(Whole).OrderBy(entry => Path.GetFileName(entry) switch
            {
                ModelPaths.LanguageModelFolder => 1,
                _ => 0,
            }))
        {
            string target = Path.Combine(_folder, Path.GetFileName(entry));
            if (Directory.Exists(entry))
            {
                Directory.Move(entry, target);
            }
            else if (!File.Exists(target))
            {
                File.Move(entry, target);
            }
        }

        Directory.Delete(Work, recursive: true);
    }
}
