using NexusGen.Imaging;
using NexusGen.Model;
using NexusGen.Requests;
using NexusGen.Training.Configuration;
using NexusGen.Training.Core;
using NexusGen.Training.Data;
using NexusGen.Training.Loop;

namespace NexusGen.Training.Stages;

/// <summary>
/// Sample images of a LoRA training: the LoRA is written as it is at the end of a training, and the model is opened beside it as
/// any program opens it. An image therefore is what the file of that checkpoint gives.
/// </summary>
/// <param name="configuration">The configuration, with its sections for LoRA and samples.</param>
/// <param name="request">The run.</param>
internal sealed class LoraSamples(AdaptableTrainingConfiguration configuration, StageRequest request) : SampleImages
{
    private const string FolderName = "samples";

    private readonly SampleSection _section = configuration.Samples!;

    /// <inheritdoc/>
    public override int Every => _section.Every;

    /// <inheritdoc/>
    public override IReadOnlyList<RgbImage> Generate(long step, string? checkpoint, CancellationToken stop)
    {
        string folder = Path.Combine(request.Folder, FolderName), temporary = Path.Combine(folder, ".lora");
        Directory.CreateDirectory(temporary);
        try
        {
            LoraSettings[] loras = checkpoint is null ? [] : [new(Written(checkpoint, temporary))];
            var options = new NexusGenOptions
            {
                Device = request.Device?.ToString() ?? "cpu",
                Weights = WeightFormats.Dense with { Decoders = configuration.Lora!.LinearFormat },
            };
            using NexusGenModel model = NexusGenModel.Open(request.Model.Root, options);
            List<RgbImage> images = [];
            foreach ((int i, string prompt) in _section.Prompts.Index())
            {
                images.Add(Generate(model, prompt, loras, stop));
                ImageFile.Write(Path.Combine(folder, $"step-{step:00000000}-{i + 1}.png"), images[^1]);
            }

            return images;
        }
        finally
        {
            Directory.Delete(temporary, recursive: true);
        }
    }

    private static string Written(string checkpoint, string folder)
    {
        string first = LoraExport.WriteCheckpoint(checkpoint, folder)[0];
        return Path.GetDirectoryName(first) is { } parent && parent != folder ? parent : first;
    }

    private RgbImage Generate(NexusGenModel model, string prompt, LoraSettings[] loras, CancellationToken stop)
    {
        bool isForReplies = configuration.LoraForms.Contains(NexusGen.Lora.LoraForm.Peft);
        var reply = new ReplySettings { ForceImage = true, Seed = _section.Seed, Loras = isForReplies ? loras : [] };
        var settings = new ImageSettings
        {
            Seed = _section.Seed,
            Steps = _section.Steps,
            Width = _section.Width,
            Height = _section.Height,
            Loras = isForReplies ? [] : loras,
        };
        Reply said = _section.Image is { } image
            ? model.EditAsync(
                new EditRequest(ImageFile.Read(image), prompt) { Reply = reply, Settings = settings }, null, stop)
                .GetAwaiter().GetResult()
            : model.GenerateAsync(
                new GenerateRequest(prompt) { Language = ImageFolder.LanguageOf(prompt), Reply = reply, Settings = settings },
                null, stop)
                .GetAwaiter().GetResult();
        return said.Images.Count > 0
            ? said.Images[0].Image
            : throw new TrainingException($"the model generated no image of \"{prompt}\"");
    }
}
