using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Model;
using NexusGen.Requests;
using NexusGen.Training.Core;
using NexusGen.Training.Data;

namespace NexusGen.Training.Stages;

/// <summary>
/// Fills empty data folders with images that the model generates from the prompts of the source, each with its prompt in a text
/// file. What was generated before an interruption is kept.
/// </summary>
internal static class PriorImages
{
    private const string Prefix = "prior-";

    /// <summary>Generates the images that are missing.</summary>
    /// <param name="sources">The sources of the training; those without prompts are left alone.</param>
    /// <param name="request">The run.</param>
    /// <param name="stop">Stops between two images.</param>
    /// <exception cref="NexusGenException">A folder can't be written to, or the model can't generate.</exception>
    public static void Generate(IEnumerable<DataSource> sources, StageRequest request, CancellationToken stop)
    {
        List<(string Image, string Prompt, int Number)> missing = [.. sources.SelectMany(Missing)];
        if (missing.Count == 0)
        {
            return;
        }

        request.Console?.WriteLine($"generating {missing.Count} images of the prompts in data");
        var options = new NexusGenOptions { Device = request.Device?.ToString() ?? "cpu" };
        using NexusGenModel model = NexusGenModel.Open(request.Model.Root, options);
        foreach ((string path, string prompt, int number) in missing)
        {
            stop.ThrowIfCancellationRequested();
            var asked = new GenerateRequest(prompt)
            {
                Language = ImageFolder.LanguageOf(prompt),
                Reply = new() { ForceImage = true },
                Settings = new() { Seed = (ulong)number },
            };
            Reply reply = model.GenerateAsync(asked, null, stop).GetAwaiter().GetResult();
            try
            {
                // The text comes first, so that no image is ever without it.
                File.WriteAllText(Path.ChangeExtension(path, ".txt"), prompt + "\n");
                ImageFile.Write(path, reply.Images[0].Image);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new TrainingException($"Can't write {path}: {e.Message}", e);
            }
        }
    }

    private static IEnumerable<(string Image, string Prompt, int Number)> Missing(DataSource source)
    {
        if (source.Prompts.Count == 0)
        {
            return [];
        }

        if (File.Exists(source.Path))
        {
            throw new TrainingException($"{source.Path} is a file, but images of prompts are generated into a folder.");
        }

        Directory.CreateDirectory(source.Path);
        bool isOthers = ImageFolderFiles.Of(source.Path) is var files && (files.Folders.Count > 0
            || files.Images.Any(image => !Path.GetFileName(image).StartsWith(Prefix, StringComparison.Ordinal)));
        return isOthers ? [] :
        [
            .. Enumerable.Range(0, source.Images)
                .Select(i => (Path.Combine(source.Path, $"{Prefix}{i:00000}.png"), source.Prompts[i % source.Prompts.Count], i))
                .Where(image => !File.Exists(image.Item1)),
        ];
    }
}
