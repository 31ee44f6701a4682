using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using System.Xml;
using System.Xml.Linq;

namespace NexusGen.Imaging;

/// <summary>Parameters in the XMP packet of a JPEG or WebP: a single property that holds all of them as a JSON object.</summary>
internal static class XmpText
{
    /// <summary>The name of the metadata field in which libvips stores the packet.</summary>
    public const string VipsField = "xmp-data";

    /// <summary>The maximum length of a packet in a JPEG in bytes. libvips silently omits a longer one.</summary>
    public const int MaxJpegLength = 60_000;

    private static readonly XNamespace Meta = "adobe:ns:meta/";
    private static readonly XNamespace Rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
    private static readonly XNamespace Ours = "urn:nexusgen:xmp:";
    private static readonly XName Property = Ours + "parameters";

    // Escapes what XML can't contain (control characters and noncharacters) but leaves Chinese readable.
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) };

    /// <summary>Creates a packet with the parameters.</summary>
    public static byte[] Write(IReadOnlyDictionary<string, string> parameters)
    {
        var packet = new XElement(
            Meta + "xmpmeta",
            new XAttribute(XNamespace.Xmlns + "x", Meta),
            new XElement(
                Rdf + "RDF",
                new XAttribute(XNamespace.Xmlns + "rdf", Rdf),
                new XElement(
                    Rdf + "Description",
                    new XAttribute(XNamespace.Xmlns + "nexusgen", Ours),
                    new XAttribute(Rdf + "about", string.Empty),
                    new XElement(Property, JsonSerializer.Serialize(parameters, Json)))));
        return Encoding.UTF8.GetBytes(packet.ToString(SaveOptions.DisableFormatting));
    }

    /// <summary>Reads the parameters of a packet. Empty if another program wrote the packet or it is not well-formed.</summary>
    public static Dictionary<string, string> Read(byte[] packet)
    {
        var settings = new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null };
        try
        {
            using XmlReader reader = XmlReader.Create(new MemoryStream(packet, writable: false), settings);
            while (reader.Read())
            {
                if (reader.IsStartElement(Property.LocalName, Ours.NamespaceName))
                {
                    return JsonSerializer.Deserialize<Dictionary<string, string>>(reader.ReadElementContentAsString()) ?? [];
                }
            }
        }
        catch (Exception exception) when (exception is XmlException or JsonException or InvalidOperationException)
        {
            // Half of a surrogate pair in the JSON is an InvalidOperationException.
            // An invalid packet is not an error: it contains no parameters of this library.
        }

        return [];
    }
}
