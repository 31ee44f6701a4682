using NexusGen.ThingSheets;

if (args is ["--geneval", string metadata, string lists])
{
    GenEvalLists.Write(metadata, lists);
    return 0;
}

if (args is not ([_] or [_, "--check"]))
{
    Console.Error.WriteLine("usage: ThingSheets THINGS_FOLDER [--check] | --geneval METADATA LISTS_FOLDER");
    return 2;
}

Catalogue catalogue = Catalogue.Read(Path.Combine(args[0], "things.json"));
Drawing[] drawings = [.. catalogue.Things.Select(thing => Drawing.Read(Path.Combine(args[0], "Drawings", thing.File)))];
string folder = Path.Combine(args[0], "Sprites");
bool check = args.Length == 2;
int different = 0;
Directory.CreateDirectory(folder);
foreach (int size in catalogue.Sizes)
{
    foreach (Sheet sheet in Sheet.Render(drawings, size, catalogue.Columns))
    {
        string path = Path.Combine(folder, $"{sheet.Name}-{size}.png");
        if (!check)
        {
            sheet.Save(path);
        }

        int distance = sheet.DistanceTo(path);
        different += distance == 0 ? 0 : 1;
        Console.WriteLine($"{Path.GetFileName(path)}: {sheet.Width}x{sheet.Height}x{sheet.Bands}, " +
            $"{new FileInfo(path).Length} bytes, largest difference {distance}");
    }
}

return different == 0 ? 0 : 1;
