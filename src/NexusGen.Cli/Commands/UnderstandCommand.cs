using System.CommandLine;
using System.Text.Json.Nodes;
using NexusGen.Cli.Core;
using NexusGen.Cli.Help;
using NexusGen.Cli.Images;
using NexusGen.Cli.Options;
using NexusGen.Cli.Output;
using NexusGen.Imaging;
using NexusGen.Requests;

namespace NexusGen.Cli.Commands;

/// <summary>Answers a question about images and prints the text while it is generated.</summary>
internal sealed class UnderstandCommand : NexusGenCommand
{
    private const string OfficialQuestion = "Please give a brief description of the image.";

    private readonly TextInput _question = new(
        "--instruction",
        "QUESTION",
        $"Question about the images. [{OfficialQuestion}]",
        "--prompt");
    private readonly Option<string[]> _images = new("--image", "-i", "--input-image")
    {
        Description = "Input image; repeatable.",
        HelpName = "FILE"
    };
    private readonly Option<int?> _maxPixels = OptionOf.Integer(
        "--max-pixels",
        "Maximum number of pixels per input image; larger images are scaled down. [262640]",
        784, int.MaxValue);
    private readonly Option<ulong?> _seed = OptionOf.Seed("--seed", "Seed of token sampling. [0]");
    private readonly ReplyOptions _reply = new(draws: false);
    private readonly LoraOptions _loras = new();
    private readonly ModelOptions _model = new();

    /// <summary>Initializes the command and its options.</summary>
    public UnderstandCommand(Terminal terminal)
        : base(terminal, "understand", "Answer a question about one or more images.")
    {
        _question.AddTo(this);
        Options.Add(_images);
        Options.Add(_maxPixels);
        _reply.AddTo(this);
        Options.Add(_seed);
        _loras.AddTo(this);
        _model.AddTo(this);
        Options.Add(CommonOptions.Json());
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Examples =>
    [
        "nexusgen understand --image cat.png",
        "nexusgen understand \"What is the cat looking at?\" --image cat.png",
        "nexusgen understand \"What has changed?\" --image before.jpg --image after.jpg --json",
    ];

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parsed, CommandOutput output, CancellationToken cancellationToken)
    {
        string[] files = parsed.GetValue(_images) ?? [];
        string? question = _question.Read(parsed);
        if (question is null && files.Length == 0)
        {
            throw new UsageException("The input is missing: specify --image FILE, a question, or both.");
        }

        LoraChoice loras = _loras.Read(parsed, images: false);
        var request = new UnderstandRequest(question ?? OfficialQuestion)
        {
            Images = [.. files.Select(file => ImageFile.Read(file))],
            MaxPixels = parsed.GetValue(_maxPixels),
            Reply = _reply.Read(parsed, parsed.GetValue(_seed)) with { Loras = loras.Reply },
        };
        using NexusGenModel model = _model.Open(parsed, merged: loras.Merged);
        using var progress = output.Progress();
        var reader = new ReplyReader(output, progress, saver: null, showText: true);
        Reply reply = await reader.ReadAsync(model.StreamAsync(request, reader, cancellationToken));
        JsonObject json = reader.Json(reply);
        json["seed"] = request.Reply.Seed;
        output.WriteJson(json);
        return ExitCode.Success;
    }
}
