using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using NexusGen.Cli.Core;
using NexusGen.Cli.Help;
using NexusGen.Cli.Images;
using NexusGen.Cli.Options;
using NexusGen.Cli.Output;
using NexusGen.Imaging;
using NexusGen.Requests;

namespace NexusGen.Cli.Commands;

/// <summary>Encodes an image into embeddings, decodes it again, and measures how close the result is.</summary>
internal sealed class ReconstructCommand : NexusGenCommand
{
    private const string UsualOutput = "reconstruct_result.png";

    private readonly Argument<string?> _file = new("IMAGE") { Description = "Input image.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> _image = OptionOf.Text("--image", "The same as IMAGE.", "FILE", "-i", "--input-image");
    private readonly Option<bool> _editingDecoder = OptionOf.Switch(
        "--use-editing-decoder",
        "Use the editing decoder, which also takes the image as its source.");
    private readonly Option<string?> _output = OptionOf.Text(
        "--output",
        $"Output file (PNG, JPEG or WebP) or folder. [{UsualOutput}]",
        "FILE", "-o", "--result-path");
    private readonly ImageOptions _picture = new("the model's", "the model's", several: false);
    private readonly LoraOptions _loras = new();
    private readonly ModelOptions _model = new();

    /// <summary>Initializes the command and its options.</summary>
    public ReconstructCommand(Terminal terminal)
        : base(
            terminal,
            "reconstruct",
            "Encode an image into embeddings, decode it again, and measure the reconstruction quality (PSNR, SSIM).")
    {
        Arguments.Add(_file);
        Options.Add(_image);
        Options.Add(_editingDecoder);
        Options.Add(_output);
        _picture.AddTo(this);
        _loras.AddTo(this);
        _model.AddTo(this);
        Options.Add(CommonOptions.Json());
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Examples =>
    [
        "nexusgen reconstruct cat.png",
        "nexusgen reconstruct cat.png --use-editing-decoder --steps 30 --output cat-again.png --json",
    ];

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parsed, CommandOutput output, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(_file) is not null && parsed.GetValue(_image) is not null)
        {
            throw new UsageException("Specify the image either as an argument or with --image, not both.");
        }

        string file = parsed.GetValue(_file)
            ?? parsed.GetValue(_image)
            ?? throw new UsageException("The image is missing: nexusgen reconstruct cat.png.");
        var name = OutputName.Parse(parsed.GetValue(_output), UsualOutput);
        LoraChoice loras = _loras.Read(parsed, replies: false);
        var request = new ReconstructRequest(ImageFile.Read(file))
        {
            Decoder = parsed.GetValue(_editingDecoder) ? DecoderChoice.Editing : DecoderChoice.Automatic,
            Settings = _picture.Read(parsed, output) with { Loras = loras.Images },
        };
        using var folder = OutputFolder.For(name);
        using NexusGenModel model = _model.Open(parsed, merged: loras.Merged);
        bool editing = request.Decoder == DecoderChoice.Editing;
        ImageOptions.WriteSizeNote(request.Settings, model.Configuration, editing, output);
        Reconstruction result;
        using (var progress = output.Progress())
        {
            result = await model.ReconstructAsync(request, progress, cancellationToken);
        }

        var saver = new ImageSaver(name.At, new ImageMetadata("source", Path.GetFileName(file), model.Paths.Root));
        output.WriteLine(saver.Save(result.Image));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"PSNR {result.Psnr:0.00} dB"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"SSIM {result.Ssim:0.0000}"));
        output.WriteJson(new JsonObject
        {
            ["psnr"] = JsonText.Number(result.Psnr),
            ["ssim"] = JsonText.Number(result.Ssim),
            ["pictures"] = saver.Saved.DeepClone()
        });
        return ExitCode.Success;
    }
}
