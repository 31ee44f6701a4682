using NexusGen.Cli.Pictures;
using NexusGen.Core;
using NexusGen.Imaging;

namespace NexusGen.Cli.Conversation;

/// <summary>The pictures that are drawn in a chat: <c>chat-1.png</c>, <c>chat-2.png</c>… Those of earlier chats stay.</summary>
/// <param name="folder">Where they go.</param>
/// <param name="model">The model's folder, told in the files.</param>
internal sealed class ChatPictures(string folder, string model)
{
    private int _last;

    /// <summary>The file of the last picture; null before the first.</summary>
    public string? LastFile { get; private set; }

    /// <summary>Saves the pictures of one turn.</summary>
    /// <param name="text">What the user wrote.</param>
    public PictureSaver ForTurn(string text) => new(_ => LastFile = Free(), new PictureParameters("prompt", text, model));

    /// <summary>Copies the last picture to a file of another name and, where its ending says so, another format.</summary>
    /// <exception cref="NexusGenException">There is none yet, or it can't be written.</exception>
    public void CopyLast(string path)
    {
        if (LastFile is null)
        {
            throw new NexusGenException("No picture was drawn yet.");
        }

        var name = new OutputName(path);
        using var target = OutputFolder.For(name);
        ImageFile.Write(path, ImageFile.Read(LastFile), new ImageWriteOptions { Parameters = ImageFile.ReadParameters(LastFile) });
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
