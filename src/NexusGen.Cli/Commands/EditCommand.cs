using System.CommandLine;
using NexusGen.Cli.Core;
using NexusGen.Cli.Help;
using NexusGen.Cli.Options;
using NexusGen.Cli.Output;
using NexusGen.Cli.Pictures;
using NexusGen.Imaging;
using NexusGen.Requests;

namespace NexusGen.Cli.Commands;

/// <summary>Changes a picture as an instruction says.</summary>
internal sealed class EditCommand : NexusGenCommand
{
    private const string OfficialOutput = "edit_result.png";

    private readonly TextInput _instruction = new("--instruction", "INSTRUCTION", "What to change.", "--prompt");
    private readonly Option<string?> _image = OptionOf.Text("--image", "The picture to change.", "FILE", "-i", "--input-image");
    private readonly Option<int?> _maxPixels = OptionOf.Whole(
        "--max-pixels",
        "The largest number of pixels that the model reads of the picture. [262640]",
        784, int.MaxValue);
    private readonly Option<bool> _generationDecoder = OptionOf.Switch(
        "--use-generation-decoder",
        "Paint with the generation decoder: for changes of the idea rather than of details.");
    private readonly Option<string?> _output = OptionOf.Text(
        "--output",
        $"Where the picture goes: PNG, JPEG or WebP, or a folder. [{OfficialOutput}]",
        "FILE", "-o", "--result-path");
    private readonly PictureOptions _picture = new("1", "42");
    private readonly ReplyOptions _reply = new(draws: true);
    private readonly ModelOptions _model = new();

    /// <summary>The command.</summary>
    public EditCommand(Terminal terminal)
        : base(terminal, "edit", "Change a picture as an instruction says.")
    {
        _instruction.AddTo(this);
        Options.Add(_image);
        Options.Add(_maxPixels);
        Options.Add(_generationDecoder);
        Options.Add(_output);
        _picture.AddTo(this);
        _reply.AddTo(this);
        _model.AddTo(this);
        Options.Add(CommonOptions.Json());
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Examples =>
    [
        "nexusgen edit \"Add a pair of sunglasses.\" --image cat.png --output cool-cat.png",
        "nexusgen edit \"给猫戴上红色的帽子\" --image cat.png --seed 7 --count 3",
        "nexusgen edit \"What would it look like as a painting?\" --image cat.png --use-generation-decoder --cfg-scale 3",
    ];

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parsed, CommandOutput output, CancellationToken cancellationToken)
    {
        string instruction = _instruction.Require(parsed, "nexusgen edit \"Add a pair of sunglasses.\" --image cat.png");
        string file = parsed.GetValue(_image) ?? throw new UsageException("The picture is missing: name it by --image.");
        var name = OutputName.Parse(parsed.GetValue(_output), OfficialOutput);
        var request = new EditRequest(ImageFile.Read(file), instruction)
        {
            Decoder = parsed.GetValue(_generationDecoder) ? DecoderChoice.Generation : DecoderChoice.Automatic,
            MaxPixels = parsed.GetValue(_maxPixels),
            Reply = _reply.Read(parsed, _picture.Seed(parsed)),
            Picture = _picture.Read(parsed, output),
        };
        using var folder = OutputFolder.For(name);
        using NexusGenModel model = _model.Open(parsed);
        return await DrawingRun.RunAsync(
            output, name, new PictureParameters("instruction", instruction, model.Paths.Root), progress => model.StreamAsync(request, progress, cancellationToken));
    }
}
