using NexusGen.Cli.Images;
using NexusGen.Core;
using NexusGen.Imaging;

namespace NexusGen.Cli.Conversation;

/// <summary>Saves the images of a chat as <c>chat-1.png</c>, <c>chat-2.png</c>… Files of earlier chats are kept.</summary>
/// <param name="folder">The folder of the images.</param>
/// <param name="model">The model's folder, whose name is stored in the files.</param>
internal sealed class ChatImages(string folder, string model)
{
    private readonly Dictionary<RgbImage, string> _files = new(ReferenceEqualityComparer.Instance);
    private int _last;

    /// <summary>The file of the last image, or null before the first.</summary>
    public string? LastFile { get; private set; }

    /// <summary>Creates the saver for the images of one turn.</summary>
    /// <param name="text">The user's text.</param>
    public ImageSaver ForTurn(string text) => new(_ => LastFile = Free(), new ImageMetadata("prompt", text, model));

    /// <summary>Returns the file of an image of the chat, or null if it is unknown.</summary>
    public string? FileOf(RgbImage image) => _files.GetValueOrDefault(image);

    /// <summary>Remembers the file of an image.</summary>
    public void Remember(RgbImage image, string file) => _files[image] = file;

    /// <summary>Copies the last image to another file, in the format of the file's extension.</summary>
    /// <exception cref="NexusGenException">There is no image yet, or the file can't be written.</exception>
    public void CopyLast(string path)
    {
        if (LastFile is null)
        {
            throw new NexusGenException("No image has been generated yet.");
        }

        var name = new OutputName(path);
        using var target = OutputFolder.For(name);
        ImageFile.Write(
            path,
            ImageFile.Read(LastFile),
            new ImageWriteOptions { Parameters = ImageFile.ReadParameters(LastFile) });
    }

    private string Free()
    {
        string file;
        do
        {
            file = Path.Combine(folder, $"chat-{++_last}.png");
        }
        while (File.Exists(file));
        return file;
    }
}
