using System.CommandLine;
using NexusGen.Cli.Core;
using NexusGen.Cli.Help;
using NexusGen.Cli.Options;
using NexusGen.Cli.Output;
using NexusGen.Cli.Pictures;
using NexusGen.Imaging;
using NexusGen.Requests;

namespace NexusGen.Cli.Commands;

/// <summary>Answers a question about pictures; the text is shown as it is written.</summary>
internal sealed class UnderstandCommand : NexusGenCommand
{
    private const string OfficialQuestion = "Please give a brief description of the image.";

    private readonly TextInput _question = new("--instruction", "QUESTION", $"What to answer. [{OfficialQuestion}]", "--prompt");
    private readonly Option<string[]> _images = new("--image", "-i", "--input-image") { Description = "A picture; may be given several times.", HelpName = "FILE" };
    private readonly Option<int?> _maxPixels = OptionOf.Whole(
        "--max-pixels",
        "The largest number of pixels that the model reads of a picture. [262640]",
        784, int.MaxValue);
    private readonly Option<ulong?> _seed = OptionOf.Seed("--seed", "Seed of the sampling of tokens. [0]");
    private readonly ReplyOptions _reply = new(draws: false);
    private readonly ModelOptions _model = new();

    /// <summary>The command.</summary>
    public UnderstandCommand(Terminal terminal)
        : base(terminal, "understand", "Answer a question about one picture or several.")
    {
        _question.AddTo(this);
        Options.Add(_images);
        Options.Add(_maxPixels);
        _reply.AddTo(this);
        Options.Add(_seed);
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
            throw new UsageException("There is nothing to understand: give a picture by --image, a question, or both.");
        }

        var request = new UnderstandRequest(question ?? OfficialQuestion)
        {
            Images = [.. files.Select(file => ImageFile.Read(file))],
            MaxPixels = parsed.GetValue(_maxPixels),
            Reply = _reply.Read(parsed, parsed.GetValue(_seed)),
        };
        using NexusGenModel model = _model.Open(parsed);
        using var progress = output.Progress();
        var reader = new ReplyReader(output, progress, saver: null, showText: true);
        Reply reply = await reader.ReadAsync(model.StreamAsync(request, reader, cancellationToken));
        output.Json(reader.Json(reply));
        return ExitCode.Done;
    }
}
