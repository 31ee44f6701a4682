// A conversation with the model. Each line is sent to it; "/picture FILE" attaches an image to the next line; generated images
// are saved.
using Microsoft.Extensions.AI;
using NexusGen;
using NexusGen.Extensions.AI;

using NexusGenModel model = NexusGenModel.Open(args is [string folder, ..] ? folder : Path.Combine("models", "nexus-gen-tiny"));
using IChatClient client = new NexusGenChatClient(model);

List<ChatMessage> conversation = [];
List<AIContent> brought = [];
int drawn = 0;
while (Prompt() is { } line)
{
    if (line.Split(' ', 2) is ["/picture", string file])
    {
        if (File.Exists(file))
        {
            brought.Add(await DataContent.LoadFromAsync(file));
        }
        else
        {
            Console.WriteLine($"The file {file} does not exist.");
        }

        continue;
    }

    ChatMessage said = new(ChatRole.User, [.. brought, new TextContent(line)]);
    List<ChatResponseUpdate> updates = [];
    await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync([.. conversation, said]))
    {
        updates.Add(update);
        Console.Write(update.Text);
        foreach (DataContent picture in update.Contents.OfType<DataContent>())
        {
            string name = $"picture-{++drawn}.png";
            await File.WriteAllBytesAsync(name, picture.Data);
            Console.Write($"[{name}]");
        }
    }

    // The conversation keeps the images, so "make it blue" edits the last one.
    conversation.Add(said);
    conversation.AddMessages(updates);
    brought.Clear();
    Console.WriteLine();
}

static string? Prompt()
{
    Console.Write("> ");
    return Console.ReadLine();
}
